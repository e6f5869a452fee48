(** c05: atoms at 0 that cost nothing. *)
From Coq Require Import Reals List Lra.
From Iclab Require Import gates small_laws c05_atom_bound.
Import ListNotations.
Open Scope R_scope.

(** Two neurons that are both 1 or both 2, each silenced half of the time by a coin of its own. *)
Definition silenced : law (R * R) :=
  push (fun w : (bool * bool) * bool =>
          (gated (fst (fst w)) (if snd w then 1 else 2), gated (snd (fst w)) (if snd w then 1 else 2)))
       (product (product coin coin) coin).

Lemma silenced_zero_of_first : zero_of_first_is_independent silenced.
Proof.
  intros y. unfold silenced, first, second. rewrite !push_push, !push_sum.
  cbn [support mass product bernoulli coin list_prod map app sum fst snd]. rewrite !gated_open, !gated_closed.
  decide_outcomes; lra.
Qed.
Lemma silenced_zero_of_second : zero_of_second_is_independent silenced.
Proof.
  intros x. unfold silenced, first, second. rewrite !push_push, !push_sum.
  cbn [support mass product bernoulli coin list_prod map app sum fst snd]. rewrite !gated_open, !gated_closed.
  decide_outcomes; lra.
Qed.
Lemma silenced_informative : 0 < mutual_information silenced.
Proof.
  destruct (mutual_information_nonneg silenced) as [|Z]; [assumption|exfalso].
  symmetry in Z. rewrite mutual_information_zero in Z. specialize (Z 1 2). unfold silenced, gated in Z.
  revert Z. masses.
Qed.

(** An atom at 0 alone does no harm: two neurons that are silent half of the time, each by a coin of its own, tell each
    other something and lose nothing by it. *)
Theorem c05_counterexample_atom_harmless :
  exists p : law (R * R),
    mass (first p) 0 = 1 / 2 /\ mass (second p) 0 = 1 / 2 /\ 0 < mutual_information p /\
    forall q s (Hq : 0 <= q <= 1) (Hs : 0 <= s <= 1),
      mutual_information (behind_gates (independent_gates q s Hq Hs) p) = q * s * mutual_information p.
Proof.
  exists silenced. split; [unfold silenced, gated; masses|]. split; [unfold silenced, gated; masses|].
  split; [exact silenced_informative|].
  intros q s Hq Hs. apply equality_suffices; intros _; [exact silenced_zero_of_first|exact silenced_zero_of_second].
Qed.
