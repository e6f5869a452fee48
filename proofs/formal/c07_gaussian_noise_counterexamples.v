(** c07, mutual information: the mean and the variance of a random factor do not tell what becomes of it, and each
    hypothesis of c07_gaussian_noise_mi.v is needed. *)
From Coq Require Import Reals List Lra.
From Iclab Require Import small_laws bernoulli c07_gaussian_noise_mi.
Open Scope R_scope.

Lemma likely q : 0 < q < 1 -> 0 <= q / (4 - 3 * q) <= 1.
Proof.
  intros Hq. assert (0 < / (4 - 3 * q)) by (apply Rinv_0_lt_compat; lra). split.
  - apply Rmult_le_pos; lra.
  - apply Rmult_le_reg_r with (4 - 3 * q); [lra|]. unfold Rdiv. rewrite Rmult_assoc, Rinv_l by lra. lra.
Qed.
(** A positive factor of mean one with the variance (1-q)/q of a rescaled gate: (2-q)/q with probability q/(4-3q),
    else 1/2. For q = 4/5 it is 1/2 or 3/2, each with probability 1/2. *)
Definition two_factors q (Hq : 0 < q < 1) : law R :=
  push (fun high : bool => if high then (2 - q) / q else 1 / 2) (bernoulli (q / (4 - 3 * q)) (likely q Hq)).

Lemma two_factors_mean q Hq : expectation (two_factors q Hq) (fun k => k) = 1.
Proof. unfold two_factors. rewrite expectation_push, expectation_bernoulli. field. lra. Qed.
Lemma two_factors_variance q Hq : expectation (two_factors q Hq) (fun k => (k - 1) * (k - 1)) = (1 - q) / q.
Proof. unfold two_factors. rewrite expectation_push, expectation_bernoulli. field. lra. Qed.
Lemma two_factors_positive q Hq : positive_noise (two_factors q Hq).
Proof.
  intros k heavy. apply push_positive in heavy. destruct heavy as ([] & _ & <-); [|lra]. apply Rdiv_lt_0_compat; lra.
Qed.

(** Correlation cannot tell such a factor from a gate: both have mean one and variance (1-q)/q, and centred
    correlations shrink by the same q. Mutual information can: behind gates it is q^2 I(x;y) (c01); behind this factor,
    for any two neurons known by their signs and not independent, nothing at all is lost. *)
Theorem c07_counterexample_mi (q : R) :
  0 < q < 1 -> (* for q = 1 the variance is 0 and the factor is 1 *)
  exists noise : law R,
    expectation noise (fun k => k) = 1 /\
    expectation noise (fun k => (k - 1) * (k - 1)) = (1 - q) / q /\
    forall p : law (R * R), known_by_sign (first p) -> known_by_sign (second p) -> mutual_information p <> 0 ->
      mutual_information (behind_noise (product noise noise) p) = mutual_information p /\
      mutual_information (behind_noise (product noise noise) p) <> q * q * mutual_information p.
Proof.
  intros Hq. exists (two_factors q Hq). repeat split.
  - apply two_factors_mean.
  - apply two_factors_variance.
  - apply c07_mi_unchanged; auto using two_factors_positive.
  - rewrite c07_mi_unchanged by auto using two_factors_positive. intros same.
    pose proof (mutual_information_nonneg p).
    assert (q * q < 1 * 1) by (apply Rmult_le_0_lt_compat; lra).
    assert (0 < (1 - q * q) * mutual_information p) by (apply Rmult_lt_0_compat; lra). lra.
Qed.

(** The rescaled gate is such a factor as well: 1/q with probability q, else 0; mean one, variance (1-q)/q. *)
Definition rescaled (q : R) (open : bool) : R := if open then / q else 0.
Definition rescaled_gate q (Hq : 0 <= q <= 1) : law R := push (rescaled q) (bernoulli q Hq).

Lemma rescaled_gates_law q (Hq : 0 <= q <= 1) p :
  same_law (behind_noise (product (rescaled_gate q Hq) (rescaled_gate q Hq)) p)
           (push (pair_map (fun u => u * / q) (fun v => v * / q)) (behind_gates (independent_gates q q Hq Hq) p)).
Proof.
  intros uv. unfold behind_noise, behind_gates, rescaled_gate, independent_gates.
  rewrite push_push, !mass_push, !expectation_product, expectation_push. apply expectation_ext. intros g _.
  rewrite expectation_push. apply expectation_ext. intros h _. apply expectation_ext. intros [x y] _.
  unfold pair_map. cbn [fst snd].
  replace (rescaled q g * x) with (gated g x * / q) by (destruct g; unfold rescaled, gated; ring).
  replace (rescaled q h * y) with (gated h y * / q) by (destruct h; unfold rescaled, gated; ring).
  reflexivity.
Qed.

(** For comparison: a factor of the same mean and the same variance (1-q)/q behind which the information is
    q^2 I(x;y), for neurons without an atom at zero. Mean and variance of a factor do not tell what becomes of
    mutual information. *)
Theorem c07_mi_rescaled_gates q (Hq : 0 <= q <= 1) (p : law (R * R)) :
  0 < q -> (* 1/q *)
  no_atoms p -> (* as in c01 *)
  expectation (rescaled_gate q Hq) (fun k => k) = 1 /\
  expectation (rescaled_gate q Hq) (fun k => (k - 1) * (k - 1)) = (1 - q) / q /\
  mutual_information (behind_noise (product (rescaled_gate q Hq) (rescaled_gate q Hq)) p) =
  q * q * mutual_information p.
Proof.
  intros opens none. assert (scale : forall a b, a * / q = b * / q -> a = b).
  { intros a b same. apply Rmult_eq_reg_r in same; [assumption|]. now apply Rgt_not_eq, Rinv_0_lt_compat. }
  repeat split.
  - unfold rescaled_gate. rewrite expectation_push, expectation_bernoulli. unfold rescaled. field. lra.
  - unfold rescaled_gate. rewrite expectation_push, expectation_bernoulli. unfold rescaled. field. lra.
  - rewrite (mutual_information_same_law _ _ (rescaled_gates_law q Hq p)), mutual_information_injective by auto.
    rewrite behind_gates_information, independent_gates_information, independent_gates_open by assumption. ring.
Qed.

(** One factor for both neurons, 1/2 or 3/2 with probability 1/2 each, on two neurons that are always 1: they tell
    nothing of each other before, and ln 2 behind it. So c07_mi_bound needs factors that are independent of
    each other. *)
Definition half_or_more (high : bool) : R := if high then 3 / 2 else 1 / 2.
Definition shared_factor : law (R * R) := push (pair_map half_or_more half_or_more) (shared_gate (1 / 2) half).

Theorem c07_counterexample_shared_noise :
  let ones := product (certain 1) (certain 1) in
  mutual_information ones = 0 /\ mutual_information (behind_noise shared_factor ones) = ln 2.
Proof.
  intros ones. split; [apply product_information|].
  rewrite (mutual_information_same_law _ shared_factor).
  - unfold shared_factor. rewrite mutual_information_injective, shared_gate_information.
    + apply binary_entropy_half.
    + intros [] [] _ _; unfold half_or_more; intros; lra || reflexivity.
    + intros [] [] _ _; unfold half_or_more; intros; lra || reflexivity.
  - intros uv. rewrite <- (first_product shared_factor ones). unfold behind_noise, first. apply push_ext.
    intros [[k l] [x y]] heavy. cbn [fst snd]. simpl in heavy. unfold indicator in heavy.
    destruct (equal 1 x) as [<-|_], (equal 1 y) as [<-|_]; try (exfalso; lra). f_equal; ring.
Qed.

(** The law of an example. *)
Lemma three_quarters : 0 <= 3 / 4 <= 1.
Proof. lra. Qed.
Definition signed (b : bool) : R := if b then 1 else -1.
Definition two_signs : law (R * R) :=
  push (fun w : bool * bool => (signed (fst w), signed (fst w) * signed (snd w)))
       (product (bernoulli (1 / 2) half) (bernoulli (3 / 4) three_quarters)).

Lemma two_signs_first x : 0 < mass (first two_signs) x -> x = 1 \/ x = -1.
Proof.
  intros heavy. apply push_positive in heavy. destruct heavy as (xy & heavy & <-).
  apply push_positive in heavy. destruct heavy as ([[] []] & _ & <-); cbn; lra.
Qed.
Lemma two_signs_second y : 0 < mass (second two_signs) y -> y = 1 \/ y = -1.
Proof.
  intros heavy. apply push_positive in heavy. destruct heavy as (xy & heavy & <-).
  apply push_positive in heavy. destruct heavy as ([[] []] & _ & <-); cbn; lra.
Qed.
Lemma known_plus_minus neuron : (forall x, 0 < mass neuron x -> x = 1 \/ x = -1) -> known_by_sign neuron.
Proof.
  intros values a b heavy_a heavy_b. destruct (values a heavy_a) as [->| ->], (values b heavy_b) as [->| ->]; try easy.
  all: unfold sign; repeat destruct (Rlt_dec _ _); lra.
Qed.
Lemma signs_margin (f : R * R -> R) : (forall x y, f (x, y) = x) \/ (forall x y, f (x, y) = y) ->
  same_law (push f two_signs) (push signed (bernoulli (1 / 2) half)).
Proof.
  intros margin c. unfold two_signs.
  rewrite push_push, !mass_push, expectation_product, !expectation_bernoulli. unfold signed. cbn [fst snd].
  rewrite !Rmult_1_l, Rmult_1_r. replace (-1 * -1) with 1 by ring.
  destruct margin as [side|side]; rewrite !side; destruct (equal 1 c), (equal (-1) c); lra.
Qed.
Lemma signed_injective a b : signed a = signed b -> a = b.
Proof. destruct a, b; unfold signed; intros; easy || lra. Qed.
Lemma two_signs_injective (a b : bool * bool) :
  (signed (fst a), signed (fst a) * signed (snd a)) = (signed (fst b), signed (fst b) * signed (snd b)) -> a = b.
Proof.
  destruct a as [a c], b as [b d]. cbn [fst snd]. intros [= same_x same_y].
  apply signed_injective in same_x as <-. f_equal. apply signed_injective.
  unfold signed in *. destruct a, c, d; lra.
Qed.
Lemma fair_sign_mass a : mass (push signed (bernoulli (1 / 2) half)) (signed a) = 1 / 2.
Proof.
  rewrite push_injective by (intros; now apply signed_injective). destruct a; simpl; lra.
Qed.
Lemma fair_sign_entropy : entropy (push signed (bernoulli (1 / 2) half)) = ln 2.
Proof.
  rewrite entropy_injective, entropy_bernoulli; [apply binary_entropy_half|]. intros a b _ _. apply signed_injective.
Qed.
Lemma two_signs_information : mutual_information two_signs = ln 2 - binary_entropy (1 / 4).
Proof.
  rewrite mutual_information_entropies.
  rewrite (entropy_same_law (first _) _ (signs_margin fst (or_introl (fun _ _ => eq_refl)))).
  rewrite (entropy_same_law (second _) _ (signs_margin snd (or_intror (fun _ _ => eq_refl)))), !fair_sign_entropy.
  unfold two_signs. rewrite entropy_injective, entropy_product, !entropy_bernoulli, binary_entropy_half.
  - unfold binary_entropy. replace (1 - 3 / 4) with (1 / 4) by lra. replace (1 - 1 / 4) with (3 / 4) by lra. ring.
  - intros a b _ _. apply two_signs_injective.
Qed.
Lemma two_signs_dependent : mutual_information two_signs <> 0.
Proof.
  intros none. pose proof (proj1 (mutual_information_zero _) none (signed true) (signed true * signed false)) as apart.
  unfold first, second in apart. rewrite (signs_margin fst (or_introl (fun _ _ => eq_refl))) in apart.
  rewrite (signs_margin snd (or_intror (fun _ _ => eq_refl))) in apart.
  replace (signed true * signed false) with (signed false) in apart at 2 by (unfold signed; ring).
  rewrite !fair_sign_mass in apart. unfold two_signs in apart.
  change (signed true, signed true * signed false)
    with (signed (fst (true, false)), signed (fst (true, false)) * signed (snd (true, false))) in apart.
  rewrite (push_injective (fun w : bool * bool => (signed (fst w), signed (fst w) * signed (snd w)))) in apart.
  - simpl in apart. lra.
  - intros w _. apply two_signs_injective.
Qed.
Lemma four_fifths : 0 < 4 / 5 < 1.
Proof. lra. Qed.
(** Such a pair, with numbers: x is -1 or 1 with probability 1/2 each, and y = x with probability 3/4, else -x. Then
    I(x;y) = ln 2 - H_b(1/4) = 0.131 nats, and behind the factor that is 1/2 or 3/2 (q = 4/5) it is still that, where
    q^2 I(x;y) would be 0.084. *)
Theorem c07_counterexample_mi_signs :
  let noise := two_factors (4 / 5) four_fifths in
  mutual_information two_signs = ln 2 - binary_entropy (1 / 4) /\
  mutual_information (behind_noise (product noise noise) two_signs) = mutual_information two_signs /\
  mutual_information two_signs <> 0.
Proof.
  repeat split; [apply two_signs_information| |apply two_signs_dependent].
  apply c07_mi_unchanged; auto using two_factors_positive, known_plus_minus, two_signs_first, two_signs_second.
Qed.

(** A factor of 0 or 5/4 (the rescaled gate of q = 4/5) on the same pair: what is left is 16/25 of the information of
    the signs. So c07_mi_signs and c07_mi_unchanged need positive factors. *)
Theorem c07_counterexample_zero_factor Hq :
  let gate := rescaled_gate (4 / 5) Hq in
  mutual_information (behind_noise (product gate gate) two_signs) = 16 / 25 * mutual_information two_signs /\
  mutual_information (behind_noise (product gate gate) two_signs) <
  mutual_information (push (pair_map sign sign) two_signs).
Proof.
  intros gate.
  assert (left_over : mutual_information (behind_noise (product gate gate) two_signs) =
                      16 / 25 * mutual_information two_signs).
  { destruct (c07_mi_rescaled_gates (4 / 5) Hq two_signs) as (_ & _ & squared); [lra| |fold gate in squared; lra].
    split; apply Rle_antisym; try apply mass_nonneg; apply Rnot_lt_le; intros heavy.
    - apply two_signs_first in heavy. lra.
    - apply two_signs_second in heavy. lra. }
  split; [assumption|]. rewrite left_over, mutual_information_injective.
  - pose proof (mutual_information_nonneg two_signs). pose proof two_signs_dependent. lra.
  - apply known_plus_minus, two_signs_first.
  - apply known_plus_minus, two_signs_second.
Qed.

(** Factors of 1/2 or 3/2 on x = y, 1 or 3 with probability 1/2 each: 3/2 may be 3/2 of 1 or 1/2 of 3, and information
    is lost. So c07_mi_unchanged needs neurons that are known by their signs. *)
Definition one_or_three (large : bool) : R := if large then 3 else 1.
Definition twins : law (R * R) :=
  push (fun large => (one_or_three large, one_or_three large)) (bernoulli (1 / 2) half).
Definition fair_factor : law R := push half_or_more (bernoulli (1 / 2) half).

Lemma fair_factor_positive high : 0 < mass fair_factor (half_or_more high).
Proof.
  pose proof (push_ge half_or_more (bernoulli (1 / 2) half) high) as above.
  unfold fair_factor. destruct high; simpl in *; lra.
Qed.
Lemma twins_positive large : 0 < mass twins (one_or_three large, one_or_three large).
Proof.
  pose proof (push_ge (fun b => (one_or_three b, one_or_three b)) (bernoulli (1 / 2) half) large) as above.
  unfold twins. destruct large; simpl in *; lra.
Qed.
Lemma seen_positive high high' large :
  0 < mass (paired (product fair_factor fair_factor) twins)
           ((half_or_more high, one_or_three large), (half_or_more high', one_or_three large)).
Proof.
  rewrite paired_mass. apply Rmult_lt_0_compat; [|apply twins_positive].
  apply Rmult_lt_0_compat; apply fair_factor_positive.
Qed.
Theorem c07_counterexample_unknown_sign :
  mutual_information (behind_noise (product fair_factor fair_factor) twins) < mutual_information twins.
Proof.
  set (noise := product fair_factor fair_factor).
  assert (together : mutual_information (paired noise twins) = mutual_information twins).
  { rewrite paired_information. unfold noise. rewrite product_information. ring. }
  destruct (c07_mi_bound fair_factor fair_factor twins) as [less|same]; [assumption|exfalso]. fold noise in same.
  rewrite (mutual_information_same_law _ _ (behind_noise_paired noise twins)), <- together in same.
  pose proof (proj1 (data_processing_equality _ _ _) same
    (half_or_more true, one_or_three false) (half_or_more false, one_or_three true)) as balance.
  pose proof (first_positive _ _ _ (seen_positive true true false)) as some_x. fold noise in some_x.
  pose proof (second_positive _ _ _ (seen_positive true false true)) as some_y. fold noise in some_y.
  pose proof (push_ge (pair_map (fun kx => fst kx * snd kx) (fun ly => fst ly * snd ly)) (paired noise twins)
    ((half_or_more true, one_or_three false), (half_or_more true, one_or_three false))) as some_image.
  pose proof (seen_positive true true false) as some_twins. fold noise in some_twins.
  unfold pair_map at 2 in some_image. cbn [fst snd] in some_image, balance.
  replace (half_or_more true * one_or_three false) with (half_or_more false * one_or_three true) in some_image at 2
    by (unfold half_or_more, one_or_three; lra).
  rewrite paired_mass in balance.
  assert (apart : mass twins (one_or_three false, one_or_three true) = 0).
  { apply Rle_antisym; [|apply mass_nonneg]. apply Rnot_lt_le. intros heavy. apply push_positive in heavy.
    destruct heavy as (b & _ & same_pair). pose proof (f_equal fst same_pair) as low.
    pose proof (f_equal snd same_pair) as high.
    cbn [fst snd] in *. destruct b; unfold one_or_three in *; lra. }
  rewrite apart in balance.
  pose proof (Rlt_le_trans _ _ _ some_twins some_image) as some_product.
  pose proof (Rmult_lt_0_compat _ _ (Rmult_lt_0_compat _ _ some_x some_y) some_product). lra.
Qed.
