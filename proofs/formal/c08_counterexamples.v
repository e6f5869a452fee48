(** c08: where its hypotheses fail, small laws for which its equality does. *)
From Coq Require Import Reals List Lra Lia.
From Iclab Require Import small_laws.
From Iclab Require Export c08_pair.
Import ListNotations.
Open Scope R_scope.

Lemma half_means : probabilities [1/2; 1/2].
Proof. repeat constructor; lra. Qed.

(** Entropy by way of any list that holds all outcomes. *)
Lemma entropy_listed {A} `{eq_dec A} (p : law A) (l : list A) : NoDup l -> (forall a, In a l) ->
  entropy p = - sum l (fun a => mass p a * ln (mass p a)).
Proof.
  intros once all. unfold entropy. f_equal. apply sum_support; [apply support_once | exact once | |].
  - intros a off. rewrite mass_off_support by exact off. ring.
  - intros a off. contradiction (off (all a)).
Qed.

Lemma entropy_of_bool (p : law bool) :
  entropy p = - (mass p true * ln (mass p true) + mass p false * ln (mass p false)).
Proof.
  rewrite (entropy_listed p [true; false]).
  - cbn [sum]. ring.
  - repeat constructor; cbn; intuition discriminate.
  - intros []; cbn; auto.
Qed.

Lemma entropy_of_two_bools (p : law (bool * bool)) : let h := fun a => mass p a * ln (mass p a) in
  entropy p = - (h (true, true) + h (true, false) + h (false, true) + h (false, false)).
Proof.
  rewrite (entropy_listed p [(true, true); (true, false); (false, true); (false, false)]).
  - cbn [sum]. ring.
  - repeat constructor; cbn; intuition discriminate.
  - intros [[] []]; cbn; auto.
Qed.

(** Half of the time both neurons are 0, else both 1: two equal neurons with an atom at zero. *)
Lemma gated_number (open b : bool) : gated open (number b) = number (open && b).
Proof. destruct open, b; unfold gated; cbn; ring. Qed.
Lemma number_equal a b : number a = number b <-> a = b.
Proof. destruct a, b; cbn; split; intros e; try reflexivity; try discriminate; lra. Qed.

Lemma ln_8 : ln (1/8) = - (3 * ln 2).
Proof. replace (1/8) with (/ (2 * (2 * 2))) by field. rewrite ln_Rinv, !ln_mult by lra. ring. Qed.
Lemma ln_5_8 : ln (5/8) = ln 5 - 3 * ln 2.
Proof. replace (5/8) with (5 * (1/8)) by field. rewrite ln_mult, ln_8 by lra. ring. Qed.
Lemma ln_3_4 : ln (3/4) = ln 3 - 2 * ln 2.
Proof. replace (3/4) with (3 * (1/4)) by field. rewrite ln_mult, ln_quarter by lra. ring. Qed.

(** 2^6 5^5 = 200000 < 531441 = 3^12. *)
Lemma logarithms : 6 * ln 2 + 5 * ln 5 < 12 * ln 3.
Proof.
  replace (6 * ln 2) with (ln (2 ^ 6)) by (rewrite ln_pow by lra; cbn; ring).
  replace (5 * ln 5) with (ln (5 ^ 5)) by (rewrite ln_pow by lra; cbn; ring).
  replace (12 * ln 3) with (ln (3 ^ 12)) by (rewrite ln_pow by lra; cbn; ring).
  rewrite <- ln_mult by lra. apply ln_increasing; lra.
Qed.

Definition half_gates : law (list bool * bool) := with_gates [1/2; 1/2] half_means coin.

Lemma half_gates_first : entropy (push (fun w => andb (nth 0 (fst w) false) (snd w)) half_gates)
  = 2 * ln 2 - 3/4 * ln 3.
Proof.
  rewrite entropy_of_bool.
  replace (mass _ true) with (1/4) by (cbn; lra). replace (mass _ false) with (3/4) by (cbn; lra).
  rewrite ln_quarter, ln_3_4. lra.
Qed.
Lemma half_gates_second : entropy (push (fun w => andb (nth 1 (fst w) false) (snd w)) half_gates)
  = 2 * ln 2 - 3/4 * ln 3.
Proof.
  rewrite entropy_of_bool.
  replace (mass _ true) with (1/4) by (cbn; lra). replace (mass _ false) with (3/4) by (cbn; lra).
  rewrite ln_quarter, ln_3_4. lra.
Qed.
Lemma half_gates_both :
  entropy (push (fun w => (andb (nth 0 (fst w) false) (snd w), andb (nth 1 (fst w) false) (snd w))) half_gates) =
  3 * ln 2 - 5/8 * ln 5.
Proof.
  rewrite entropy_of_two_bools. cbn zeta.
  replace (mass _ (true, true)) with (1/8) by (cbn; lra). replace (mass _ (true, false)) with (1/8) by (cbn; lra).
  replace (mass _ (false, true)) with (1/8) by (cbn; lra). replace (mass _ (false, false)) with (5/8) by (cbn; lra).
  rewrite ln_8, ln_5_8. lra.
Qed.

(** Without the hypothesis on atoms the equality fails: the bound is strict for two equal neurons that are 0 or 1. *)
Theorem c08_counterexample_atom :
  total_correlation half_gates (dropped [number; number]) <
  sum (subsets 2) (fun s => chance_of [1/2; 1/2] s * total_correlation coin (select s [number; number])).
Proof.
  assert (left : total_correlation half_gates (dropped [number; number]) = ln 2 - 3/2 * ln 3 + 5/8 * ln 5).
  { unfold total_correlation, dropped. cbn [length bits seq map behind combine sum fst snd].
    rewrite (entropy_same_fibres (fun w => gated (nth 0 (fst w) false) (number (snd w)))
               (fun w => andb (nth 0 (fst w) false) (snd w))), half_gates_first.
    2: { intros v w _ _. rewrite !gated_number, number_equal. tauto. }
    rewrite (entropy_same_fibres (fun w => gated (nth 1 (fst w) false) (number (snd w)))
               (fun w => andb (nth 1 (fst w) false) (snd w))), half_gates_second.
    2: { intros v w _ _. rewrite !gated_number, number_equal. tauto. }
    rewrite (entropy_same_fibres (values _)
               (fun w => (andb (nth 0 (fst w) false) (snd w), andb (nth 1 (fst w) false) (snd w)))), half_gates_both.
    2: { intros v w _ _. unfold values. cbn [map]. rewrite !gated_number. split; intros e.
         - injection e as e e'. apply number_equal in e, e'. congruence.
         - injection e as -> ->. reflexivity. }
    lra. }
  assert (one : entropy (push number coin) = ln 2).
  { rewrite entropy_injective by (intros a b _ _; apply number_equal). unfold coin. rewrite entropy_bernoulli.
    apply binary_entropy_half. }
  assert (right : total_correlation coin [number; number] = ln 2).
  { unfold total_correlation. cbn [sum]. rewrite (entropy_same_fibres (values [number; number]) number), one; [ring|].
    intros a b _ _. unfold values. cbn [map]. split; congruence. }
  cbn [subsets map app sum select chance_of]. rewrite !total_correlation_one, total_correlation_nil, left, right.
  assert (lt := logarithms). lra.
Qed.

(** Without independent gates it fails: two constant neurons behind one gate have the total correlation of the gate,
    ln 2, while no subset of them has any. *)
Definition constants : list (unit -> R) := [fun _ => 1; fun _ => 1].
Definition sure : law unit := push (fun _ => tt) coin.

Theorem c08_counterexample_shared_gate :
  no_atom_in sure constants /\
  total_correlation (product coin sure) (behind [fun open => open; fun open => open] constants) = ln 2 /\
  sum (subsets 2) (fun s => chance_of [1/2; 1/2] s * total_correlation sure (select s constants)) = 0.
Proof.
  assert (atoms : no_atom_in sure constants).
  { intros f [<- | [<- | []]]; unfold no_atom; cbn [mass push]; unfold push_mass;
      apply sum_zero; intros a _; destruct (equal 1 0); (lra || reflexivity). }
  assert (none : total_correlation sure constants = 0).
  { unfold total_correlation, values, constants. cbn [sum map]. rewrite !entropy_constant. ring. }
  split; [exact atoms | split].
  - eapply eq_trans; [exact (c08_shared_gate sure constants 1 (1/2) half eq_refl atoms)|]. rewrite none.
    rewrite binary_entropy_half. cbn. lra.
  - cbn [subsets map app sum select constants]. fold constants.
    rewrite none, !total_correlation_one, total_correlation_nil. ring.
Qed.
