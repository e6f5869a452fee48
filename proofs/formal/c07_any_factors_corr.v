(** c07, c02: correlation behind two uncorrelated factors of any means. *)
From Coq Require Import Reals List Lra FunctionalExtensionality.
From Iclab Require Export moments.
Import ListNotations.
Open Scope R_scope.

(** Factors of means k and l that know nothing of the neurons (the product rules, which independence implies) and are
    uncorrelated with each other. *)
Record uncorrelated_factors {A} (E : average A) (K L X Y : A -> R) (k l : R) : Prop := Uncorrelated_factors {
  factors_rules : product_rules E K L X Y;
  factors_first : mean E K = k;
  factors_second : mean E L = l;
  factors_both : mean E (times K L) = k * l
}.

Section Noise.
Context {A : Type} (E : average A) (K L X Y : A -> R).
Let rho := correlation E X Y.
Let m_x := relative_mean E X.
Let m_y := relative_mean E Y.
(** A correlation and m = mean/sd have a meaning for positive variances only. *)
Hypothesis spread_x : 0 < variance E X.
Hypothesis spread_y : 0 < variance E Y.

(** Uncorrelated factors of any law, of means k and l that are not 0 (with mean 0 no correlation is left): what
    counts is the sign of kl and the coefficients of variation c = sd/mean of K and d = sd/mean of L. At k = l = 1 this
    is c07_corr_formula, for gates (c^2 = (1-q)/q) c02_corr_formula.
    corr(Kx, Ly) = sign(kl) rho / sqrt((1 + c^2 (1 + m_x^2)) (1 + d^2 (1 + m_y^2))). *)
Theorem c07_corr_any_factors k l : uncorrelated_factors E K L X Y k l -> k <> 0 -> l <> 0 ->
  correlation E (times K X) (times L Y) =
  k * l / Rabs (k * l) * rho /
  sqrt ((1 + variance E K / k ^ 2 * (1 + m_x ^ 2)) * (1 + variance E L / l ^ 2 * (1 + m_y ^ 2))).
Proof.
  intros [rules HK HL HKL] Hk Hl. rewrite factors_correlation by assumption. fold rho m_x m_y.
  assert (square : forall M, square_integrable E M -> mean E (times M M) = mean E M * mean E M + variance E M).
  { intros M HM. rewrite variance_moments by assumption. ring. }
  rewrite (covariance_moments E K L), !square, HKL, HK, HL by apply rules.
  set (v := variance E K). set (w := variance E L).
  replace ((k * k + v + _) * (l * l + w + _)) with
    (Rsqr (k * l) * ((1 + v / k ^ 2 * (1 + m_x ^ 2)) * (1 + w / l ^ 2 * (1 + m_y ^ 2))))
    by (unfold Rsqr; field; lra).
  assert (Hkl : Rabs (k * l) <> 0) by now apply Rabs_no_R0, Rmult_integral_contrapositive.
  rewrite sqrt_mult_alt, sqrt_Rsqr_abs by apply Rle_0_sqr.
  rewrite <- (cancel_left (Rabs (k * l)) (k * l / Rabs (k * l) * rho)) by assumption. f_equal. field. assumption.
Qed.
End Noise.
