(** c07: correlation behind multiplicative noise. Nothing is used of the noise but its mean and variance, so that it
    may be normal, or have any other law. *)
From Coq Require Import Reals List Lra FunctionalExtensionality.
From Iclab Require Export c02_correlation.
Import ListNotations.
Open Scope R_scope.

(** Noise of mean one and variances u and v on the two neurons, uncorrelated with each other, that knows nothing of
    the neurons (the product rules, which independence implies). Mean one: a factor with another mean is a rescaling of
    one with mean one, which changes no correlation (c02_rescaling). *)
Record noise {A} (E : average A) (K L X Y : A -> R) (u v : R) : Prop := Noise {
  noise_rules : product_rules E K L X Y;
  noise_mean_first : mean E K = 1;
  noise_mean_second : mean E L = 1;
  noise_variance_first : variance E K = u;
  noise_variance_second : variance E L = v;
  noise_uncorrelated : covariance E K L = 0
}.

Section Noise.
Context {A : Type} (E : average A) (K L X Y : A -> R).
Let rho := correlation E X Y.
Let m_x := relative_mean E X.
Let m_y := relative_mean E Y.
(** A correlation and m = mean/sd have a meaning for positive variances only. *)
Hypothesis spread_x : 0 < variance E X.
Hypothesis spread_y : 0 < variance E Y.

(** corr(Kx, Ly) = rho / sqrt((1 + u (1 + m_x^2)) (1 + v (1 + m_y^2))), for noise of mean one and variances u, v. *)
Theorem c07_corr_formula u v : noise E K L X Y u v ->
  correlation E (times K X) (times L Y) = rho / sqrt ((1 + u * (1 + m_x ^ 2)) * (1 + v * (1 + m_y ^ 2))).
Proof.
  intros [rules HK HL Hu Hv HKL]. rewrite (factors_correlation E K L X Y rules) by assumption. fold rho m_x m_y.
  assert (square : forall M, square_integrable E M -> mean E M = 1 -> mean E (times M M) = 1 + variance E M).
  { intros M HM H1. rewrite variance_moments, H1 by assumption. ring. }
  assert (mean E (times K L) = 1) as ->.
  { rewrite covariance_moments in HKL by apply rules. rewrite HK, HL in HKL. lra. }
  rewrite !square, HKL, Hu, Hv by (assumption || apply rules). f_equal; [ring|]. f_equal. ring.
Qed.

(** Centred neurons, noise of one variance: rho / (1 + u). *)
Corollary c07_corr_centred u : noise E K L X Y u u -> mean E X = 0 -> mean E Y = 0 ->
  correlation E (times K X) (times L Y) = rho / (1 + u).
Proof.
  intros H Hx Hy. rewrite (c07_corr_formula u u) by assumption. unfold m_x, m_y.
  rewrite !relative_mean_centred by assumption.
  assert (0 <= u).
  { destruct H as [rules _ _ Hu _ _]. rewrite <- Hu. apply variance_nonneg, rules. }
  replace ((1 + _) * _) with ((1 + u) * (1 + u)) by ring. rewrite sqrt_square by lra. reflexivity.
Qed.

(** Noise of variance (1-q)/q does to every correlation what gates of keep q do: correlation cannot tell them apart.
    [G] and [H] are such gates, on the same neurons. *)
Theorem c07_corr_like_gates q (G H : A -> R) : 0 < q ->
  noise E K L X Y ((1 - q) / q) ((1 - q) / q) -> dropout E G H X Y q q ->
  correlation E (times K X) (times L Y) = correlation E (times G X) (times H Y).
Proof.
  intros Hq Hn Hd. rewrite (c07_corr_formula _ _ Hn), (c02_corr_same_keep E G H X Y spread_x spread_y q Hd).
  fold rho m_x m_y.
  replace ((1 + (1 - q) / q * (1 + m_x ^ 2)) * (1 + (1 - q) / q * (1 + m_y ^ 2)))
    with ((/ q) ^ 2 * ((1 + (1 - q) * m_x ^ 2) * (1 + (1 - q) * m_y ^ 2))) by (field; lra).
  assert (Hi := Rinv_0_lt_compat q Hq).
  rewrite sqrt_mult_alt, sqrt_pow2 by (apply pow2_ge_0 || lra).
  unfold Rdiv. rewrite Rinv_mult, Rinv_inv. ring.
Qed.
End Noise.

(** Noise of two independent finite laws of mean one beside any law of the neurons. *)
Theorem c07_independent_noise {A} (E : average A) (X Y : A -> R) (k l : law R) :
  square_integrable E X -> square_integrable E Y ->
  expectation k (fun a => a) = 1 -> expectation l (fun a => a) = 1 ->
  noise (beside (product k l) E) (fun w => fst (fst w)) (fun w => snd (fst w))
    (fun w => X (snd w)) (fun w => Y (snd w)) (variance (finite k) (fun a => a)) (variance (finite l) (fun a => a)).
Proof.
  intros HX HY Hk Hl. set (r := product k l).
  assert (rules := beside_product_rules r E fst snd X Y HX HY).
  assert (average_of : forall f : R * R -> R, mean (beside r E) (fun w => f (fst w)) = expectation r f).
  { intros f. apply beside_mean_fst. }
  assert (first_only : forall f : R -> R, expectation r (fun g => f (fst g)) = expectation k f).
  { intros f. unfold r. rewrite expectation_product. f_equal. pointwise. exact (expectation_const l (f x)). }
  assert (second_only : forall f : R -> R, expectation r (fun g => f (snd g)) = expectation l f).
  { intros f. unfold r. rewrite expectation_product. exact (expectation_const k (expectation l f)). }
  assert (mean (beside r E) (fun w => fst (fst w)) = 1) as HK.
  { etransitivity; [exact (average_of fst)|]. etransitivity; [exact (first_only (fun a => a))|exact Hk]. }
  assert (mean (beside r E) (fun w => snd (fst w)) = 1) as HL.
  { etransitivity; [exact (average_of snd)|]. etransitivity; [exact (second_only (fun a => a))|exact Hl]. }
  split; trivial.
  - unfold variance, covariance. rewrite HK. cbn [mean finite]. rewrite Hk.
    etransitivity; [exact (average_of (fun g => (fst g - 1) * (fst g - 1)))|].
    exact (first_only (fun a => (a - 1) * (a - 1))).
  - unfold variance, covariance. rewrite HL. cbn [mean finite]. rewrite Hl.
    etransitivity; [exact (average_of (fun g => (snd g - 1) * (snd g - 1)))|].
    exact (second_only (fun a => (a - 1) * (a - 1))).
  - rewrite covariance_moments by apply rules. rewrite HK, HL. unfold times.
    enough (mean (beside r E) (fun w => fst (fst w) * snd (fst w)) = 1) as -> by ring.
    etransitivity; [exact (average_of (fun g => fst g * snd g))|]. unfold r.
    rewrite expectation_product. cbn [fst snd].
    transitivity (expectation k (fun a => a)); [|exact Hk]. f_equal. pointwise. rewrite expectation_scal, Hl. ring.
Qed.
