(** c04: what batch normalisation does to correlations, by itself and in front of gates. *)
From Coq Require Import Reals List Lra FunctionalExtensionality.
From Iclab Require Export c02_correlation.
Import ListNotations.
Open Scope R_scope.

(** Batch normalisation with the mean and the variance of the neuron's own law, eps under the root, scale gamma and
    shift beta. (Running statistics, or those of a large batch; a small batch couples its samples.) *)
Definition normalised {A} (E : average A) (eps gamma beta : R) (X : A -> R) : A -> R :=
  fun a => gamma * ((X a - mean E X) / sqrt (variance E X + eps)) + beta.

Section One.
Context {A : Type} (E : average A) (eps gamma beta : R) (X : A -> R).
Hypothesis integrable_X : square_integrable E X.
(** A constant neuron has no correlation. *)
Hypothesis spread : 0 < variance E X.
Hypothesis eps_nonneg : 0 <= eps.

(** It is an affine map, *)
Lemma normalised_affine : normalised E eps gamma beta X =
  fun a => gamma / sqrt (variance E X + eps) * X a + (beta - gamma / sqrt (variance E X + eps) * mean E X).
Proof. unfold normalised. pointwise. unfold Rdiv. ring. Qed.
Lemma normalised_scale : gamma <> 0 -> gamma / sqrt (variance E X + eps) <> 0.
Proof.
  intros H. assert (0 < sqrt (variance E X + eps)) by (apply sqrt_lt_R0; lra).
  apply Rmult_integral_contrapositive. split; [assumption|]. apply Rinv_neq_0_compat. lra.
Qed.

(** its mean is beta whatever the neuron's was, *)
Theorem c04_bn_centres : mean E (normalised E eps gamma beta X) = beta.
Proof. rewrite normalised_affine, mean_affine by apply integrable_X. ring. Qed.

(** and its variance is gamma^2 var / (var + eps). *)
Theorem c04_bn_variance :
  variance E (normalised E eps gamma beta X) = gamma ^ 2 * (variance E X / (variance E X + eps)).
Proof.
  rewrite normalised_affine, variance_affine by assumption.
  assert (0 < sqrt (variance E X + eps)) by (apply sqrt_lt_R0; lra).
  assert (square := sqrt_def (variance E X + eps) ltac:(lra)).
  set (s := sqrt (variance E X + eps)) in *. rewrite <- square. field. lra.
Qed.

Lemma normalised_spread : gamma <> 0 -> 0 < variance E (normalised E eps gamma beta X).
Proof.
  intros H. rewrite c04_bn_variance. apply Rmult_lt_0_compat; [|apply Rdiv_lt_0_compat; lra].
  rewrite <- Rsqr_pow2. now apply Rsqr_pos_lt.
Qed.
End One.

Section Pair.
Context {A : Type} (E : average A) (eps gamma_x gamma_y beta_x beta_y : R) (X Y : A -> R).
Let bn_x := normalised E eps gamma_x beta_x X.
Let bn_y := normalised E eps gamma_y beta_y Y.
Let rho := correlation E X Y.
Hypothesis integrable_X : square_integrable E X.
Hypothesis integrable_Y : square_integrable E Y.
Hypothesis spread_x : 0 < variance E X.
Hypothesis spread_y : 0 < variance E Y.
Hypothesis eps_nonneg : 0 <= eps.
(** gamma = 0 leaves a constant. *)
Hypothesis scale_x : gamma_x <> 0.
Hypothesis scale_y : gamma_y <> 0.

(** BN changes no correlation but its sign, and that only where one of the two scales is negative. *)
Theorem c04_bn_corr : Rabs (correlation E bn_x bn_y) = Rabs rho /\
  (0 < gamma_x * gamma_y -> correlation E bn_x bn_y = rho).
Proof.
  unfold bn_x, bn_y. rewrite !normalised_affine.
  assert (Ha := normalised_scale E eps gamma_x X spread_x eps_nonneg scale_x).
  assert (Hb := normalised_scale E eps gamma_y Y spread_y eps_nonneg scale_y).
  rewrite correlation_affine by assumption. fold rho.
  set (a := gamma_x / sqrt (variance E X + eps)) in *. set (b := gamma_y / sqrt (variance E Y + eps)) in *.
  assert (Hab : a * b <> 0) by now apply Rmult_integral_contrapositive.
  assert (0 < Rabs (a * b)) by now apply Rabs_pos_lt. split.
  - rewrite Rabs_mult. unfold Rdiv. rewrite Rabs_mult, Rabs_inv, Rabs_Rabsolu, Rinv_r by lra. ring.
  - intros Hg. rewrite (Rabs_pos_eq (a * b)); [field; split; intros ->; apply Hab; ring|].
    assert (0 < / sqrt (variance E X + eps)) by (apply Rinv_0_lt_compat, sqrt_lt_R0; lra).
    assert (0 < / sqrt (variance E Y + eps)) by (apply Rinv_0_lt_compat, sqrt_lt_R0; lra).
    unfold a, b, Rdiv. replace (gamma_x * _ * _)
      with (gamma_x * gamma_y * (/ sqrt (variance E X + eps) * / sqrt (variance E Y + eps))) by ring.
    apply Rlt_le, Rmult_lt_0_compat; [assumption|now apply Rmult_lt_0_compat].
Qed.

(** BN without shift, then gates: the factor of the correlation is exactly q, whatever the means were. *)
Theorem c04_ic_layer_corr (K L : A -> R) q : dropout E K L bn_x bn_y q q -> beta_x = 0 -> beta_y = 0 ->
  Rabs (correlation E (times K bn_x) (times L bn_y)) = q * Rabs rho.
Proof.
  intros H Hx Hy. rewrite (c02_corr_linear E K L bn_x bn_y) with (q := q); trivial.
  - rewrite Rabs_mult, (Rabs_pos_eq q) by apply (gate_keep E K q (dropout_first _ _ _ _ _ _ _ H)).
    f_equal. apply c04_bn_corr.
  - now apply normalised_spread.
  - now apply normalised_spread.
  - unfold bn_x. now rewrite c04_bn_centres.
  - unfold bn_y. now rewrite c04_bn_centres.
Qed.

(** A learned shift makes it smaller: with one beta that is not 0 the factor is below q. *)
Theorem c04_beta_breaks (K L : A -> R) q : dropout E K L bn_x bn_y q q -> 0 < q < 1 -> rho <> 0 ->
  beta_x <> 0 \/ beta_y <> 0 -> Rabs (correlation E (times K bn_x) (times L bn_y)) < q * Rabs rho.
Proof.
  intros H Hq Hrho Hbeta. destruct c04_bn_corr as [same _]. rewrite <- same.
  apply (c02_corr_shrinks_strictly E K L bn_x bn_y); trivial.
  - now apply normalised_spread.
  - now apply normalised_spread.
  - intros H0. apply Hrho. rewrite H0, Rabs_R0 in same. destruct (Req_dec rho 0) as [|Hn]; [assumption|].
    apply Rabs_pos_lt in Hn. lra.
  - unfold bn_x, bn_y. now rewrite !c04_bn_centres.
Qed.
End Pair.

(** ** A convolution's BN centres the channel, not the unit *)

(** Mean and variance of a channel of two positions, pooled as the BN of a convolution pools them. *)
Definition channel_mean (p : law (R * R)) : R := (mean (finite p) fst + mean (finite p) snd) / 2.
Definition channel_variance (p : law (R * R)) : R :=
  (mean (finite p) (fun w => (fst w - channel_mean p) ^ 2) +
   mean (finite p) (fun w => (snd w - channel_mean p) ^ 2)) / 2.
Definition channel_bn (p : law (R * R)) : law (R * R) :=
  push (fun w => ((fst w - channel_mean p) / sqrt (channel_variance p),
                  (snd w - channel_mean p) / sqrt (channel_variance p))) p.

(** One position is 3 or 11, the other 9 or 17, together. Behind the channel's BN (mean 10, variance 25) the channel
    has mean 0, but its two positions have the means -3/5 and 3/5, and the factor of their correlation is not q. *)
Theorem c04_counterexample_channel_bn : let p := two_points (3, 9) (11, 17) in
  channel_mean (channel_bn p) = 0 /\
  mean (finite (channel_bn p)) fst = - (3 / 5) /\ mean (finite (channel_bn p)) snd = 3 / 5 /\
  forall q Hq, 0 < q < 1 ->
    correlation (finite (behind_gates (independent_gates q q Hq Hq) (channel_bn p))) fst snd <>
    q * correlation (finite (channel_bn p)) fst snd.
Proof.
  intros p.
  assert (Hm : channel_mean p = 10) by (unfold channel_mean, p; rewrite !two_points_mean; cbn [fst snd]; field).
  assert (Hv : channel_variance p = 5 * 5).
  { unfold channel_variance. rewrite Hm. unfold p. rewrite !two_points_mean. cbn [fst snd]. field. }
  assert (average_of : forall f : R * R -> R,
    mean (finite (channel_bn p)) f = (f (- (7 / 5), - (1 / 5)) + f (1 / 5, 7 / 5)) / 2).
  { intros f. unfold channel_bn. rewrite (image_push _ p f), Hm, Hv, sqrt_square by lra. unfold p.
    rewrite two_points_mean. cbn [fst snd].
    replace ((3 - 10) / 5) with (- (7 / 5)) by field. replace ((9 - 10) / 5) with (- (1 / 5)) by field.
    replace ((11 - 10) / 5) with (1 / 5) by field. replace ((17 - 10) / 5) with (7 / 5) by field. reflexivity. }
  assert (Hx : mean (finite (channel_bn p)) fst = - (3 / 5)) by (rewrite average_of; cbn [fst snd]; field).
  assert (Hy : mean (finite (channel_bn p)) snd = 3 / 5) by (rewrite average_of; cbn [fst snd]; field).
  assert (Hc : forall f k : R * R -> R, covariance (finite (channel_bn p)) f k =
    (f (- (7 / 5), - (1 / 5)) - f (1 / 5, 7 / 5)) * (k (- (7 / 5), - (1 / 5)) - k (1 / 5, 7 / 5)) / 4).
  { intros f k. unfold covariance. rewrite !average_of. field. }
  repeat split; trivial; [unfold channel_mean; rewrite Hx, Hy; field|].
  intros q Hq Hq1 linear. rewrite behind_gates_correlation in linear.
  set (r := independent_gates q q Hq Hq) in *. set (E := finite (channel_bn p)) in *.
  assert (Hd : dropout (beside r E) first_gate second_gate (fun w => fst (snd w)) (fun w => snd (snd w)) q q).
  { apply (independent_gates_dropout E fst snd q q Hq Hq); apply finite_square_integrable. }
  rewrite (image_correlation _ _ _ (image_snd r E)) in linear.
  destruct (c02_centring_necessary (beside r E) first_gate second_gate (fun w => fst (snd w)) (fun w => snd (snd w)))
    with (q := q) as [H0 _]; trivial.
  - rewrite <- (image_variance _ _ _ (image_snd r E) fst). unfold variance. rewrite Hc. cbn [fst snd]. lra.
  - rewrite <- (image_variance _ _ _ (image_snd r E) snd). unfold variance. rewrite Hc. cbn [fst snd]. lra.
  - rewrite <- (image_correlation _ _ _ (image_snd r E) fst snd). unfold correlation, variance.
    rewrite !Hc. cbn [fst snd]. intros H0. apply Rmult_integral in H0. destruct H0 as [H0|H0]; [lra|].
    revert H0. apply Rinv_neq_0_compat.
    apply Rgt_not_eq, sqrt_lt_R0. lra.
  - rewrite <- (image_mean _ _ _ (image_snd r E) fst), Hx in H0. lra.
Qed.
