(** c04: what the BN of a convolution, which pools the units of a channel, leaves to c02. *)
From Coq Require Import Reals List Lra FunctionalExtensionality.
From Iclab Require Export c02_correlation.
Import ListNotations.
Open Scope R_scope.

(** BN by statistics mu and sd that need not be the unit's own (say the channel's), then scale and shift. *)
Definition normalised_by {A} (mu sd gamma beta : R) (X : A -> R) : A -> R := fun a => gamma * ((X a - mu) / sd) + beta.

Lemma normalised_by_affine {A} mu sd gamma beta (X : A -> R) : sd <> 0 ->
  normalised_by mu sd gamma beta X = fun a => gamma / sd * X a + (beta - gamma * mu / sd).
Proof. intros Hsd. apply functional_extensionality. intros a. unfold normalised_by. field. assumption. Qed.

(** A unit behind the BN of its channel keeps a mean of its own: (its mean - mu) in its own standard deviations. *)
Theorem c04_channel_bn_unit {A} (E : average A) (X : A -> R) mu sd gamma :
  square_integrable E X ->
  (* m = mean/sd has a meaning for a positive variance only, and BN divides by sd *) 0 < variance E X -> 0 < sd ->
  (* a negative scale changes the sign *) 0 < gamma ->
  square_integrable E (normalised_by mu sd gamma 0 X) /\ 0 < variance E (normalised_by mu sd gamma 0 X) /\
  relative_mean E (normalised_by mu sd gamma 0 X) = (mean E X - mu) / sqrt (variance E X).
Proof.
  intros HX Hv Hsd Hg. unfold relative_mean. rewrite normalised_by_affine, mean_affine, variance_affine
    by (apply HX || lra).
  assert (Hs := sqrt_lt_R0 _ Hv). assert (Hr := Rdiv_lt_0_compat _ _ Hg Hsd).
  assert (Hr2 := Rmult_lt_0_compat _ _ Hr Hr). repeat split.
  - apply square_integrable_affine, HX.
  - apply (square_integrable_affine E X _ _ HX).
  - now apply Rmult_lt_0_compat.
  - rewrite sqrt_mult_alt, sqrt_square by lra.
    rewrite <- (cancel_left (gamma / sd) (mean E X - mu)) by lra. f_equal. field. lra.
Qed.

(** Two units of a channel behind its BN (mean mu, any sd, one scale, beta 0) and independent gates of keep q:
    q rho / sqrt((1 + (1-q) ((mu_x - mu)/sd_x)^2) (1 + (1-q) ((mu_y - mu)/sd_y)^2)).
    For every square-integrable law. *)
Theorem c04_channel_bn_corr {A} (E : average A) (X Y : A -> R) mu sd gamma q Hq :
  square_integrable E X -> square_integrable E Y -> 0 < variance E X -> 0 < variance E Y -> 0 < sd -> 0 < gamma ->
  correlation (beside (independent_gates q q Hq Hq) E)
    (behind_first (normalised_by mu sd gamma 0 X)) (behind_second (normalised_by mu sd gamma 0 Y)) =
  q * correlation E X Y /
  sqrt ((1 + (1 - q) * ((mean E X - mu) / sqrt (variance E X)) ^ 2) *
        (1 + (1 - q) * ((mean E Y - mu) / sqrt (variance E Y)) ^ 2)).
Proof.
  intros HX HY Hv Hw Hsd Hg.
  destruct (c04_channel_bn_unit E X mu sd gamma HX Hv Hsd Hg) as (BX & Bv & Bx).
  destruct (c04_channel_bn_unit E Y mu sd gamma HY Hw Hsd Hg) as (BY & Bw & By).
  rewrite c02_corr_any_law, Bx, By, sqrt_square by (assumption || apply Hq).
  replace (correlation E (normalised_by mu sd gamma 0 X) (normalised_by mu sd gamma 0 Y)) with (correlation E X Y).
  - reflexivity.
  - rewrite !normalised_by_affine by lra. assert (Hr := Rdiv_lt_0_compat _ _ Hg Hsd).
    assert (Hr2 := Rmult_lt_0_compat _ _ Hr Hr).
    rewrite correlation_affine, (Rabs_pos_eq (gamma / sd * (gamma / sd))) by (assumption || lra).
    unfold Rdiv at 1. rewrite Rinv_r by lra. ring.
Qed.

(** So, where there is a correlation and 0 < q < 1, the factor is exactly q for units whose means are the channel's,
    and for no others. *)
Corollary c04_channel_bn_exact {A} (E : average A) (X Y : A -> R) mu sd gamma q Hq :
  square_integrable E X -> square_integrable E Y -> 0 < variance E X -> 0 < variance E Y -> 0 < sd -> 0 < gamma ->
  0 < q < 1 -> correlation E X Y <> 0 ->
  (correlation (beside (independent_gates q q Hq Hq) E)
     (behind_first (normalised_by mu sd gamma 0 X)) (behind_second (normalised_by mu sd gamma 0 Y)) =
   q * correlation E X Y <-> mean E X = mu /\ mean E Y = mu).
Proof.
  intros HX HY Hv Hw Hsd Hg Hq1 Hrho. rewrite c04_channel_bn_corr by assumption.
  set (m := (mean E X - mu) / sqrt (variance E X)). set (n := (mean E Y - mu) / sqrt (variance E Y)).
  assert (zero : forall Z, 0 < variance E Z -> (mean E Z - mu) / sqrt (variance E Z) = 0 <-> mean E Z = mu).
  { intros Z HZ. assert (Hs := sqrt_lt_R0 _ HZ). split; intros H; [| rewrite H; field; lra].
    apply Rmult_integral in H. assert (Hi := Rinv_0_lt_compat _ Hs). lra. }
  rewrite <- (zero X Hv), <- (zero Y Hw). fold m n. split.
  - intros H. assert (no : ~ (m <> 0 \/ n <> 0)).
    { intros Hmn. apply (Rlt_irrefl (Rabs (q * correlation E X Y))). rewrite <- H at 1. apply shrinks_lt.
      - apply Rmult_integral_contrapositive. lra.
      - now apply extra_factor_strict; try lra. }
    split; [destruct (Req_dec m 0) | destruct (Req_dec n 0)]; tauto.
  - intros [-> ->]. replace ((1 + _) * _) with 1 by ring. rewrite sqrt_1. field.
Qed.
