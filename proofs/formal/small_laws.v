(** Laws of a few coins, as examples and counterexamples need them. *)
From Coq Require Import Reals List Lra.
From Iclab Require Export gates.
Import ListNotations.
Open Scope R_scope.

Lemma half_is_probability : 0 <= 1 / 2 <= 1.
Proof. lra. Qed.
Lemma one_is_probability : 0 <= 1 <= 1.
Proof. lra. Qed.

(** A fair coin, and its two sides as numbers. *)
Definition coin : law bool := bernoulli (1 / 2) half_is_probability.
Definition number (side : bool) : R := if side then 1 else 0.

(** The outcome that is certain. *)
Program Definition certain {A} (a : A) `{eq_dec A} : law A :=
  Law A [a] (fun b => indicator (equal a b)) _ _ _ _.
Next Obligation. constructor; [intros []|constructor]. Qed.
Next Obligation. unfold indicator. destruct (equal a a0); lra. Qed.
Next Obligation. unfold indicator. destruct (equal a a0) as [<-|]; [|reflexivity]. destruct H0. now left. Qed.
Next Obligation. rewrite indicator_same. ring. Qed.

(** Masses of concrete outcomes: write out the sum over the coins, then decide each equation of outcomes. *)
Ltac settle E :=
  first [ exfalso; clear - E; apply E; repeat f_equal; lra
        | exfalso; clear - E; first [lra | discriminate | injection E; intros; (lra || discriminate)] ].
Ltac masses :=
  unfold first, second; rewrite ?push_push, ?push_sum;
  cbn [support mass product bernoulli certain coin list_prod map app sum fst snd number andb orb xorb negb];
  repeat match goal with |- context [@equal ?T ?d ?a ?b] => destruct (@equal T d a b) as [E|E]; try settle E; clear E end;
  try lra.
