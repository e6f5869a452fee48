(** The mean under a gate's law, and the entropy of a gate. *)
From Coq Require Import Reals List Lra.
From Iclab Require Import information.
Open Scope R_scope.

Lemma expectation_bernoulli q (Hq : 0 <= q <= 1) f : expectation (bernoulli q Hq) f = q * f true + (1 - q) * f false.
Proof. unfold expectation. simpl. ring. Qed.

(** [t H_b(a/t)] with [t = a + b]: the entropy that is left in a mass t once it is known to be cut into a and b. *)
Lemma binary_entropy_cut a b : 0 <= a -> 0 <= b ->
  (a + b) * binary_entropy (a / (a + b)) = (a + b) * ln (a + b) - a * ln a - b * ln b.
Proof.
  intros [some_a|<-] [some_b|<-]; unfold binary_entropy.
  - replace (1 - a / (a + b)) with (b / (a + b)) by (field; lra).
    rewrite !ln_quotient by lra. field. lra.
  - rewrite Rplus_0_r. replace (a / a) with 1 by (field; lra). replace (1 - 1) with 0 by ring. rewrite ln_1. ring.
  - rewrite Rplus_0_l. replace (0 / b) with 0 by (field; lra). rewrite Rminus_0_r, ln_1. ring.
  - ring.
Qed.
Lemma binary_entropy_nonneg q : 0 <= q <= 1 -> 0 <= binary_entropy q.
Proof. intros Hq. rewrite <- (entropy_bernoulli q Hq). apply entropy_nonneg. Qed.
Lemma binary_entropy_positive q : 0 < q < 1 -> 0 < binary_entropy q.
Proof.
  intros Hq. unfold binary_entropy.
  assert (ln q < 0) by (rewrite <- ln_1; apply ln_increasing; lra).
  assert (ln (1 - q) < 0) by (rewrite <- ln_1; apply ln_increasing; lra).
  assert (0 < q * - ln q) by (apply Rmult_lt_0_compat; lra).
  assert (0 < (1 - q) * - ln (1 - q)) by (apply Rmult_lt_0_compat; lra). lra.
Qed.

Lemma ln_half : ln (1 / 2) = - ln 2.
Proof. rewrite ln_quotient, ln_1 by lra. ring. Qed.
Lemma ln_quarter : ln (1 / 4) = - (2 * ln 2).
Proof. replace (1 / 4) with (1 / 2 * (1 / 2)) by lra. rewrite ln_mult, ln_half by lra. ring. Qed.
Lemma binary_entropy_half : binary_entropy (1 / 2) = ln 2.
Proof. unfold binary_entropy. replace (1 - 1 / 2) with (1 / 2) by lra. rewrite ln_half. field. Qed.
Lemma half : 0 <= 1 / 2 <= 1.
Proof. lra. Qed.
