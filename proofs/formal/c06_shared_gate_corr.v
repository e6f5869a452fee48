(** c06: correlation behind one gate that two neurons share (channel dropout: two positions of one channel). *)
From Coq Require Import Reals List Lra.
From Iclab Require Export c02_correlation.
Import ListNotations.
Open Scope R_scope.

Section Shared.
Context {A : Type} (E : average A) (K X Y : A -> R) (q : R).
Let rho := correlation E X Y.
Let m_x := relative_mean E X.
Let m_y := relative_mean E Y.
(** A correlation and m = mean/sd have a meaning for positive variances only. *)
Hypothesis spread_x : 0 < variance E X.
Hypothesis spread_y : 0 < variance E Y.
(** The gate knows nothing of the neurons (independence implies it). *)
Hypothesis apart : product_rules E K K X Y.
Hypothesis is_gate : gate E K q.
(** A gate that never opens leaves no variance. *)
Hypothesis some_open : 0 < q.

(** corr(gx, gy) = (rho + (1-q) m_x m_y) / sqrt((1 + (1-q) m_x^2) (1 + (1-q) m_y^2)). *)
Theorem c06_shared_gate_corr :
  correlation E (times K X) (times K Y) =
  (rho + (1 - q) * (m_x * m_y)) / sqrt ((1 + (1 - q) * m_x ^ 2) * (1 + (1 - q) * m_y ^ 2)).
Proof.
  rewrite (factors_correlation E K K X Y apart) by assumption. fold rho m_x m_y.
  change (covariance E K K) with (variance E K).
  rewrite (gate_square_mean E K q is_gate), (gate_variance E K q is_gate).
  replace ((q + _) * (q + _)) with (q * q * ((1 + (1 - q) * m_x ^ 2) * (1 + (1 - q) * m_y ^ 2))) by ring.
  assert (0 <= q * q) by (apply Rmult_le_pos; lra).
  rewrite sqrt_mult_alt, sqrt_square by lra.
  replace (q * rho + q * (1 - q) * (m_x * m_y)) with (q * (rho + (1 - q) * (m_x * m_y))) by ring.
  apply cancel_left. lra.
Qed.

(** Centred neurons: a shared gate does not reduce the correlation at all. *)
Corollary c06_shared_gate_corr_centred : mean E X = 0 -> mean E Y = 0 ->
  correlation E (times K X) (times K Y) = rho.
Proof.
  intros Hx Hy. rewrite c06_shared_gate_corr. unfold m_x, m_y. rewrite !relative_mean_centred by assumption.
  replace ((1 + _) * _) with 1 by ring. rewrite sqrt_1. field.
Qed.

(** So the factor q of c02 fails behind it, wherever there is a correlation and the gate is sometimes closed. *)
Corollary c06_corr_not_linear : mean E X = 0 -> mean E Y = 0 -> rho <> 0 -> q < 1 ->
  correlation E (times K X) (times K Y) <> q * rho.
Proof.
  intros Hx Hy Hrho Hq. rewrite c06_shared_gate_corr_centred by assumption. intros H.
  assert ((1 - q) * rho = 0) as H0 by lra. apply Rmult_integral in H0. destruct H0; [lra|contradiction].
Qed.

(** Independent neurons with means of one sign become correlated: the gate is common to both. *)
Corollary c06_corr_of_uncorrelated : rho = 0 -> q < 1 -> 0 < m_x * m_y ->
  0 < correlation E (times K X) (times K Y).
Proof.
  intros Hrho Hq Hm. rewrite c06_shared_gate_corr, Hrho.
  destruct (gate_keep E K q is_gate) as [_ Hq1].
  pose proof (extra_factor (1 - q) (1 - q) m_x m_y ltac:(lra) ltac:(lra)).
  apply Rdiv_lt_0_compat; [|apply sqrt_lt_R0; lra].
  pose proof (Rmult_lt_0_compat (1 - q) (m_x * m_y) ltac:(lra) Hm). lra.
Qed.
End Shared.

(** One gate of keep q beside any law of the neurons meets the conditions. *)
Theorem c06_one_gate {A} (E : average A) (X Y : A -> R) q Hq : square_integrable E X -> square_integrable E Y ->
  let r := bernoulli q Hq in
  product_rules (beside r E) (fun w => opening (fst w)) (fun w => opening (fst w))
    (fun w => X (snd w)) (fun w => Y (snd w)) /\
  gate (beside r E) (fun w => opening (fst w)) q.
Proof.
  intros HX HY r. split; [now apply (beside_product_rules r E opening opening)|].
  replace q with (expectation r (fun g => opening g)) at 1; [apply (beside_gate r E (fun g => g))|].
  unfold r. rewrite expectation_bernoulli. unfold opening. ring.
Qed.
