(** Laws of a few coins, as examples and counterexamples need them. *)
From Coq Require Import Reals List Lra.
From Iclab Require Export gates bernoulli.
Import ListNotations.
Open Scope R_scope.

(** A fair coin, and its two sides as numbers. *)
Definition coin : law bool := bernoulli (1 / 2) half.
Definition number (side : bool) : R := if side then 1 else 0.

(** The outcome that is certain. *)
Program Definition certain {A} (a : A) `{eq_dec A} : law A :=
  Law A [a] (fun b => indicator (equal a b)) _ _ _ _.
Next Obligation. constructor; [intros []|constructor]. Qed.
Next Obligation. unfold indicator. destruct (equal a a0); lra. Qed.
Next Obligation. unfold indicator. destruct (equal a a0) as [<-|]; [|reflexivity]. destruct H0. now left. Qed.
Next Obligation. rewrite indicator_same. ring. Qed.

(** Masses of concrete outcomes: write out the sum over the coins, then decide each equation of outcomes.
    [decide_outcomes] leaves a case for each way the equations can come out. *)
Ltac settle E :=
  first [ exfalso; clear - E; apply E; repeat f_equal; lra
        | exfalso; clear - E; first [lra | discriminate | injection E; intros; (lra || discriminate)] ].
Ltac decide_outcomes :=
  repeat match goal with |- context [@equal ?T ?d ?a ?b] => destruct (@equal T d a b); try congruence end.
Ltac masses :=
  unfold first, second; rewrite ?push_push, ?push_sum;
  cbn [support mass product bernoulli certain coin list_prod map app sum fst snd number andb orb xorb negb];
  repeat match goal with |- context [@equal ?T ?d ?a ?b] =>
    destruct (@equal T d a b) as [E|E]; try settle E; clear E
  end;
  try lra.
