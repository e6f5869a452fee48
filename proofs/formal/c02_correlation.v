(** c02: correlation behind gates of each neuron by itself. *)
From Coq Require Import Reals List Lra FunctionalExtensionality.
From Iclab Require Export moments.
Import ListNotations.
Open Scope R_scope.

(** Dropout of a pair: the factors are gates of keeps q and s that know nothing of the neurons (the product rules,
    which independence implies) and are uncorrelated with each other (one gate for both is c06). *)
Record dropout {A} (E : average A) (K L X Y : A -> R) (q s : R) : Prop := Dropout {
  dropout_rules : product_rules E K L X Y;
  dropout_first : gate E K q;
  dropout_second : gate E L s;
  dropout_gates : mean E (times K L) = q * s
}.

Section Correlation.
Context {A : Type} (E : average A) (K L X Y : A -> R).
Let rho := correlation E X Y.
Let m_x := relative_mean E X.
Let m_y := relative_mean E Y.
(** A correlation and m = mean/sd have a meaning for positive variances only. *)
Hypothesis spread_x : 0 < variance E X.
Hypothesis spread_y : 0 < variance E Y.

(** For every square-integrable law of the pair and any keeps q and s:
    corr(gx, hy) = sqrt(q s) rho / sqrt((1 + (1-q) m_x^2) (1 + (1-s) m_y^2)). *)
Theorem c02_corr_formula q s : dropout E K L X Y q s ->
  correlation E (times K X) (times L Y) =
  sqrt (q * s) * rho / sqrt ((1 + (1 - q) * m_x ^ 2) * (1 + (1 - s) * m_y ^ 2)).
Proof.
  intros [rules gK gL HKL]. rewrite factors_correlation by assumption. fold rho m_x m_y.
  rewrite (gate_square_mean E K q gK), (gate_square_mean E L s gL), (gate_variance E K q gK), (gate_variance E L s gL),
    covariance_moments, HKL by (now apply (gate_square_integrable E K q) || now apply (gate_square_integrable E L s)).
  destruct (gate_keep _ _ _ gK) as [Hq _], (gate_keep _ _ _ gL) as [Hs _].
  destruct gK as (_ & _ & ->), gL as (_ & _ & ->). assert (Hqs := Rmult_le_pos _ _ Hq Hs).
  replace ((q + _) * (s + _)) with (q * s * ((1 + (1 - q) * m_x ^ 2) * (1 + (1 - s) * m_y ^ 2))) by ring.
  rewrite sqrt_mult_alt by assumption.
  replace (q * s * rho + _) with (q * s * rho) by ring. rewrite <- (sqrt_sqrt (q * s)) at 1 by assumption.
  destruct (Req_dec (sqrt (q * s)) 0) as [-> | Hroot].
  - unfold Rdiv. ring.
  - rewrite Rmult_assoc. now apply cancel_left.
Qed.

(** Equal keeps: the factor is q, and an extra one for neurons that are not centred. *)
Corollary c02_corr_same_keep q : dropout E K L X Y q q ->
  correlation E (times K X) (times L Y) = q * rho / sqrt ((1 + (1 - q) * m_x ^ 2) * (1 + (1 - q) * m_y ^ 2)).
Proof.
  intros H. rewrite (c02_corr_formula q q) by assumption. rewrite sqrt_square; [reflexivity|].
  apply (gate_keep _ _ _ (dropout_first _ _ _ _ _ _ _ H)).
Qed.

(** Centred neurons: dropout multiplies the correlation by q, exactly. *)
Corollary c02_corr_linear q : dropout E K L X Y q q -> mean E X = 0 -> mean E Y = 0 ->
  correlation E (times K X) (times L Y) = q * rho.
Proof.
  intros H Hx Hy. rewrite (c02_corr_same_keep q) by assumption. unfold m_x, m_y.
  rewrite !relative_mean_centred by assumption.
  replace ((1 + _) * _) with 1 by ring. rewrite sqrt_1. field.
Qed.

(** Whatever the means: the factor is at most q. *)
Corollary c02_corr_shrinks q : dropout E K L X Y q q -> Rabs (correlation E (times K X) (times L Y)) <= q * Rabs rho.
Proof.
  intros H. destruct (gate_keep _ _ _ (dropout_first _ _ _ _ _ _ _ H)) as [Hq Hq1].
  rewrite (c02_corr_same_keep q) by assumption. rewrite <- (Rabs_pos_eq q) at 4 by assumption. rewrite <- Rabs_mult.
  apply shrinks_le, extra_factor; lra.
Qed.

(** And below q as soon as one mean is not 0 (if there is a correlation to lose and q is not 0 or 1). *)
Corollary c02_corr_shrinks_strictly q : dropout E K L X Y q q -> 0 < q < 1 -> rho <> 0 ->
  mean E X <> 0 \/ mean E Y <> 0 -> Rabs (correlation E (times K X) (times L Y)) < q * Rabs rho.
Proof.
  intros H Hq Hrho Hm. rewrite (c02_corr_same_keep q) by assumption.
  rewrite <- (Rabs_pos_eq q) at 4 by lra. rewrite <- Rabs_mult. apply shrinks_lt.
  - apply Rmult_integral_contrapositive. lra.
  - apply extra_factor_strict; try lra.
    destruct Hm as [Hm | Hm]; [left | right]; intros H0; apply Hm; [unfold m_x in H0 | unfold m_y in H0];
      now apply relative_mean_zero in H0.
Qed.

(** Centring is necessary: where the factor is q, both means are 0.
    rho <> 0: see c02_counterexample_uncorrelated; q = 0 and q = 1 make the factor q of every law. *)
Corollary c02_centring_necessary q : dropout E K L X Y q q -> 0 < q < 1 -> rho <> 0 ->
  correlation E (times K X) (times L Y) = q * rho -> mean E X = 0 /\ mean E Y = 0.
Proof.
  intros H Hq Hrho Hlinear.
  assert (no : ~ (mean E X <> 0 \/ mean E Y <> 0)).
  { intros Hm. apply (Rlt_irrefl (q * Rabs rho)). rewrite <- (Rabs_pos_eq q) at 1 by lra.
    rewrite <- Rabs_mult, <- Hlinear. now apply c02_corr_shrinks_strictly. }
  split; [destruct (Req_dec (mean E X) 0) | destruct (Req_dec (mean E Y) 0)]; tauto.
Qed.
End Correlation.

(** Inverted dropout divides what is open by q (any positive constants): no correlation changes. *)
Theorem c02_rescaling {A} (E : average A) (K L X Y : A -> R) c d :
  (* two square-integrable neurons behind their gates *)
  square_integrable E (times K X) -> square_integrable E (times L Y) -> 0 < c -> 0 < d ->
  correlation E (fun a => c * times K X a) (fun a => d * times L Y a) = correlation E (times K X) (times L Y).
Proof.
  intros HX HY Hc Hd.
  replace (fun a => c * times K X a) with (fun a => c * times K X a + 0) by pointwise.
  replace (fun a => d * times L Y a) with (fun a => d * times L Y a + 0) by pointwise.
  assert (Hcd := Rmult_lt_0_compat _ _ Hc Hd).
  rewrite correlation_affine, Rabs_pos_eq by (assumption || lra). field. lra.
Qed.

(** ** Gates beside any law, and beside a finite one *)

Lemma independent_gates_dropout {A} (E : average A) (X Y : A -> R) q s Hq Hs :
  square_integrable E X -> square_integrable E Y ->
  dropout (beside (independent_gates q s Hq Hs) E) first_gate second_gate
    (fun w => X (snd w)) (fun w => Y (snd w)) q s.
Proof.
  intros HX HY. set (r := independent_gates q s Hq Hs).
  assert (means : forall f k : bool -> R, expectation r (fun g => f (fst g) * k (snd g)) =
    (q * f true + (1 - q) * f false) * (s * k true + (1 - s) * k false)).
  { intros f k. unfold r, independent_gates. rewrite expectation_product, !expectation_bernoulli.
    cbn [fst snd]. ring. }
  split.
  - apply (beside_product_rules r E (fun g => opening (fst g)) (fun g => opening (snd g))); assumption.
  - replace q with (expectation r (fun g => opening (fst g))); [apply (beside_gate r E fst)|].
    transitivity (expectation r (fun g => opening (fst g) * 1)); [f_equal; pointwise|].
    rewrite (means opening (fun _ => 1)). unfold opening. ring.
  - replace s with (expectation r (fun g => opening (snd g))); [apply (beside_gate r E snd)|].
    transitivity (expectation r (fun g => 1 * opening (snd g))); [f_equal; pointwise|].
    rewrite (means (fun _ => 1) opening). unfold opening. ring.
  - transitivity (expectation r (fun g => opening (fst g) * opening (snd g))).
    + apply (beside_mean_fst r E (fun g => opening (fst g) * opening (snd g))).
    + rewrite means. unfold opening. ring.
Qed.

(** For any square-integrable law there are such gates, and behind them the formula holds as it stands. *)
Corollary c02_corr_any_law {A} (E : average A) (X Y : A -> R) q s Hq Hs :
  square_integrable E X -> square_integrable E Y -> 0 < variance E X -> 0 < variance E Y ->
  correlation (beside (independent_gates q s Hq Hs) E) (behind_first X) (behind_second Y) =
  sqrt (q * s) * correlation E X Y /
  sqrt ((1 + (1 - q) * relative_mean E X ^ 2) * (1 + (1 - s) * relative_mean E Y ^ 2)).
Proof.
  intros HX HY Hv Hw. set (r := independent_gates q s Hq Hs).
  rewrite (image_variance _ _ _ (image_snd r E)) in Hv, Hw.
  rewrite (image_correlation _ _ _ (image_snd r E)), !(image_relative_mean _ _ _ (image_snd r E)).
  apply (c02_corr_formula _ first_gate second_gate _ _ Hv Hw). now apply independent_gates_dropout.
Qed.

(** A pair of neurons of finite law p behind independent gates of keeps q and s: the formula, *)
Corollary c02_corr_finite (p : law (R * R)) q s Hq Hs :
  0 < variance (finite p) fst -> 0 < variance (finite p) snd ->
  correlation (finite (behind_gates (independent_gates q s Hq Hs) p)) fst snd =
  sqrt (q * s) * correlation (finite p) fst snd /
  sqrt ((1 + (1 - q) * relative_mean (finite p) fst ^ 2) * (1 + (1 - s) * relative_mean (finite p) snd ^ 2)).
Proof.
  intros Hv Hw. rewrite behind_gates_correlation.
  apply c02_corr_any_law; auto using finite_square_integrable.
Qed.

(** and the exact factor q for centred neurons. *)
Corollary c02_corr_linear_finite (p : law (R * R)) q Hq :
  0 < variance (finite p) fst -> 0 < variance (finite p) snd ->
  mean (finite p) fst = 0 -> mean (finite p) snd = 0 ->
  correlation (finite (behind_gates (independent_gates q q Hq Hq) p)) fst snd = q * correlation (finite p) fst snd.
Proof.
  intros Hv Hw Hx Hy. rewrite c02_corr_finite, sqrt_square by (assumption || apply Hq).
  rewrite !relative_mean_centred by assumption.
  replace ((1 + _) * _) with 1 by ring. rewrite sqrt_1. field.
Qed.

(** ** Counterexamples *)

(** Without centring the factor is not q: x = y is 1 or 3 with probability 1/2 each (no atom at zero, rho = 1). Behind
    gates of keep 1/2 the correlation is 1/6, not 1/2. *)
Definition uncentred_pair : law (R * R) := two_points (1, 1) (3, 3).

Lemma uncentred_pair_moments :
  mean (finite uncentred_pair) fst = 2 /\ mean (finite uncentred_pair) snd = 2 /\
  variance (finite uncentred_pair) fst = 1 /\ variance (finite uncentred_pair) snd = 1 /\
  correlation (finite uncentred_pair) fst snd = 1.
Proof.
  unfold variance, uncentred_pair. rewrite !two_points_mean, !two_points_covariance.
  rewrite two_points_correlation by (cbn; lra).
  cbn [fst snd]. repeat split; field.
Qed.

Theorem c02_counterexample_mean :
  correlation (finite uncentred_pair) fst snd = 1 /\
  correlation (finite (behind_gates (independent_gates (1 / 2) (1 / 2) half half)
                         uncentred_pair)) fst snd = 1 / 6.
Proof.
  destruct uncentred_pair_moments as (Hx & Hy & Hv & Hw & Hrho). split; [assumption|].
  rewrite c02_corr_finite by lra. unfold relative_mean. rewrite Hx, Hy, Hv, Hw, Hrho, sqrt_1, sqrt_square by lra.
  replace ((1 + _) * _) with (3 * 3) by field. rewrite sqrt_square by lra. field.
Qed.

(** Without a correlation c02_centring_necessary fails: x and y independent, each 1 or 3 with probability 1/2. Both
    means are 2, and the correlation is q times what it was, for it was 0. *)
Theorem c02_counterexample_uncorrelated q Hq :
  let p := product (two_points 1 3) (two_points 1 3) in
  correlation (finite (behind_gates (independent_gates q q Hq Hq) p)) fst snd = q * correlation (finite p) fst snd /\
  mean (finite p) fst = 2 /\ mean (finite p) snd = 2.
Proof.
  intros p.
  assert (means : forall f, mean (finite p) f = (f (1, 1) + f (1, 3) + f (3, 1) + f (3, 3)) / 4).
  { intros f. unfold p. rewrite (image_product (two_points 1 3) (two_points 1 3) f). cbn [mean beside].
    change (expectation (two_points 1 3)) with (mean (finite (two_points 1 3))). rewrite !two_points_mean. field. }
  assert (Hx : mean (finite p) fst = 2) by (rewrite means; simpl; field).
  assert (Hy : mean (finite p) snd = 2) by (rewrite means; simpl; field).
  assert (Hv : variance (finite p) fst = 1) by (unfold variance, covariance; rewrite Hx, means; simpl; field).
  assert (Hw : variance (finite p) snd = 1) by (unfold variance, covariance; rewrite Hy, means; simpl; field).
  assert (Hrho : correlation (finite p) fst snd = 0).
  { unfold correlation, covariance. rewrite Hx, Hy, means. simpl. unfold Rdiv. ring. }
  rewrite c02_corr_finite, Hrho by lra. unfold Rdiv. repeat split; trivial; ring.
Qed.
