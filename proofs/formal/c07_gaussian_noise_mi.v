(** c07, mutual information: neurons times a random factor of mean one.

    The laws here are finite; Gaussian factors are out of reach. What is proved of finite ones is enough to see that no
    law such as q^2 can hold: the mean and variance of the factor do not determine the information that is left. *)
From Coq Require Import Reals List Lra.
From Iclab Require Import gates bernoulli.
Open Scope R_scope.

(** Two independent pairs, seen coordinate by coordinate: their information adds up. *)
Section Paired.
Context {K L X Y : Type} `{eq_dec K} `{eq_dec L} `{eq_dec X} `{eq_dec Y}.
Variables (noise : law (K * L)) (p : law (X * Y)).

Definition paired : law ((K * X) * (L * Y)) :=
  push (fun w => ((fst (fst w), fst (snd w)), (snd (fst w), snd (snd w)))) (product noise p).

Lemma paired_first : same_law (first paired) (product (first noise) (first p)).
Proof.
  intros [k x]. unfold first at 1, paired. rewrite push_push. cbn [fst].
  rewrite (keyed_mass noise p _ fst (fun _ => fst) (k, x) k x); [reflexivity|].
  intros g w. cbn [fst snd]. split; [intros [= <- <-]|intros [<- <-]]; easy.
Qed.
Lemma paired_second : same_law (second paired) (product (second noise) (second p)).
Proof.
  intros [l y]. unfold second at 1, paired. rewrite push_push. cbn [snd].
  rewrite (keyed_mass noise p _ snd (fun _ => snd) (l, y) l y); [reflexivity|].
  intros g w. cbn [fst snd]. split; [intros [= <- <-]|intros [<- <-]]; easy.
Qed.
Lemma paired_information : mutual_information paired = mutual_information noise + mutual_information p.
Proof.
  rewrite !mutual_information_entropies.
  rewrite (entropy_same_law _ _ paired_first), (entropy_same_law _ _ paired_second), !entropy_product.
  unfold paired. rewrite entropy_injective, entropy_product; [ring|].
  intros [[k l] [x y]] [[k' l'] [x' y']] _ _ [= <- <- <- <-]. reflexivity.
Qed.
End Paired.

Lemma product_information {A B} `{eq_dec A} `{eq_dec B} (p : law A) (r : law B) : mutual_information (product p r) = 0.
Proof. apply mutual_information_zero. intros a b. now rewrite first_product, second_product. Qed.

(** A pair of neurons (x, y) times a pair of factors (k, l) of any joint law, independent of the neurons. *)
Definition behind_noise (noise p : law (R * R)) : law (R * R) :=
  push (fun w => (fst (fst w) * fst (snd w), snd (fst w) * snd (snd w))) (product noise p).

(** Factors of any finite joint law: the pair (kx, ly) tells at most what the factors and the neurons tell together.
    Hypothesis: none but that the factors know nothing of the neurons. *)
Theorem c07_mi_bound_joint (noise p : law (R * R)) :
  mutual_information (behind_noise noise p) <= mutual_information noise + mutual_information p.
Proof.
  rewrite <- paired_information.
  rewrite (mutual_information_same_law (behind_noise noise p)
             (push (pair_map (fun kx => fst kx * snd kx) (fun ly => fst ly * snd ly)) (paired noise p))).
  - apply data_processing.
  - intros uv. unfold paired. now rewrite push_push.
Qed.
(** Factors that are independent of each other as well: I(kx; ly) <= I(x; y). *)
Theorem c07_mi_bound (noise_x noise_y : law R) (p : law (R * R)) :
  mutual_information (behind_noise (product noise_x noise_y) p) <= mutual_information p.
Proof.
  pose proof (c07_mi_bound_joint (product noise_x noise_y) p). rewrite product_information in *. lra.
Qed.

Definition sign (x : R) : R := if Rlt_dec x 0 then -1 else if Rlt_dec 0 x then 1 else 0.

Lemma sign_positive_factor k x : 0 < k -> sign (k * x) = sign x.
Proof.
  intros positive. unfold sign. pose proof (Rmult_lt_compat_l k x 0 positive) as below.
  pose proof (Rmult_lt_compat_l k 0 x positive) as above. rewrite Rmult_0_r in *.
  destruct (Rlt_dec x 0), (Rlt_dec 0 x), (Rlt_dec (k * x) 0), (Rlt_dec 0 (k * x)); try lra.
  all: replace x with 0 in * by lra; rewrite Rmult_0_r in *; lra.
Qed.

Definition positive_noise (noise : law R) : Prop := forall k, 0 < mass noise k -> 0 < k.

(** Positive factors leave at least the information of the signs: I(sign x; sign y) <= I(kx; ly). *)
Theorem c07_mi_signs (noise : law (R * R)) (p : law (R * R)) :
  positive_noise (first noise) -> (* a factor of 0 would hide the sign, a negative one would turn it *)
  positive_noise (second noise) ->
  mutual_information (push (pair_map sign sign) p) <= mutual_information (behind_noise noise p).
Proof.
  intros positive_x positive_y.
  rewrite (mutual_information_same_law _ (push (pair_map sign sign) (behind_noise noise p))); [apply data_processing|].
  intros uv. unfold behind_noise. rewrite push_push.
  rewrite (push_ext _ (fun w => pair_map sign sign (snd w)) (product noise p)).
  - rewrite <- (push_push snd (pair_map sign sign)). symmetry. apply push_same_law, second_product.
  - intros [[k l] [x y]] heavy. unfold pair_map. cbn [fst snd].
    assert (heavy_noise : 0 < mass noise (k, l)).
    { destruct (mass_nonneg noise (k, l)) as [some|none]; [assumption|]. cbn in heavy. rewrite <- none in heavy. lra. }
    rewrite !sign_positive_factor; [reflexivity| |].
    + apply positive_y. now apply (second_positive noise k l).
    + apply positive_x. now apply (first_positive noise k l).
Qed.

(** A neuron known by its sign: of two values of the same sign only one can occur (-1 and 1; 0 and 1; -1, 0 and 1). *)
Definition known_by_sign (neuron : law R) : Prop :=
  forall a b, 0 < mass neuron a -> 0 < mass neuron b -> sign a = sign b -> a = b.

(** Independent positive factors leave the whole information of neurons that are known by their signs. *)
Theorem c07_mi_unchanged (noise_x noise_y : law R) (p : law (R * R)) :
  positive_noise noise_x -> positive_noise noise_y ->
  known_by_sign (first p) -> known_by_sign (second p) ->
  mutual_information (behind_noise (product noise_x noise_y) p) = mutual_information p.
Proof.
  intros positive_x positive_y known_x known_y. apply Rle_antisym; [apply c07_mi_bound|].
  rewrite <- (mutual_information_injective sign sign p known_x known_y). apply c07_mi_signs.
  - intros k. rewrite first_product. apply positive_x.
  - intros k. rewrite second_product. apply positive_y.
Qed.

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
