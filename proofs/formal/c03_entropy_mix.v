(** c03: the entropy of a neuron behind its gate.

    The laws here are finite. A neuron with a density has, behind a gate, a point mass at 0 besides the density. Its
    entropy is then one relative to length plus a point mass at 0, and such laws are out of reach here: nothing
    in this file speaks of them. *)
From Coq Require Import Reals List Lra.
From Iclab Require Import gates bernoulli survivors.
Open Scope R_scope.

Section Gate.
Variables (q : R) (Hq : 0 <= q <= 1) (p : law R).

(** P(x' = 0): the gate is closed, or open with nothing behind it. *)
Definition zero_mass : R := 1 - q + q * mass p 0.

Lemma zero_mass_bounds : 1 - q <= zero_mass <= 1.
Proof.
  unfold zero_mass. pose proof (mass_le_1 p 0). assert (0 <= q * mass p 0) by (apply Rmult_le_pos, mass_nonneg; lra).
  assert (q * mass p 0 <= q * 1) by (apply Rmult_le_compat_l; lra). lra.
Qed.
Lemma behind_gate_mass u : mass (behind_gate q Hq p) u = if equal 0 u then zero_mass else q * mass p u.
Proof.
  unfold behind_gate, zero_mass. rewrite mixture_mass, expectation_bernoulli. cbn [fst snd].
  rewrite !shown_one_mass. unfold shown_one. rewrite mass_push_id. unfold indicator.
  destruct (equal 0 u) as [<-|_]; ring.
Qed.
Lemma behind_gate_entropy :
  entropy (behind_gate q Hq p) =
  - (q * expectation p (fun x => ln (mass (behind_gate q Hq p) x)) + (1 - q) * ln zero_mass).
Proof.
  unfold behind_gate at 1. rewrite entropy_push, expectation_product, expectation_bernoulli. cbn [fst snd].
  fold (behind_gate q Hq p). f_equal. f_equal.
  - f_equal. apply expectation_ext. intros x _. now rewrite gated_open.
  - f_equal. rewrite <- (expectation_const p (ln zero_mass)). apply expectation_ext. intros x _.
    rewrite gated_closed, behind_gate_mass. now destruct (equal 0 0).
Qed.
(** Where the gate opens at all: the surprise of x' is that of x and of the gate, but at 0. *)
Lemma behind_gate_surprise : 0 < q ->
  expectation p (fun x => ln (mass (behind_gate q Hq p) x)) =
  ln q - entropy p + mass p 0 * (ln zero_mass - ln (q * mass p 0)).
Proof.
  intros opens. set (excess := ln zero_mass - ln (q * mass p 0)).
  rewrite (expectation_ext p _ (fun x => ln q + (ln (mass p x) + excess * (if equal x 0 then 1 else 0)))).
  - rewrite !expectation_plus, expectation_const, entropy_expectation.
    rewrite <- (expectation_point p 0).
    replace (expectation p (fun x => excess * _))
      with (0 + excess * expectation p (fun x => if equal x 0 then 1 else 0)).
    + ring.
    + rewrite <- expectation_affine. apply expectation_ext. intros. ring.
  - intros x heavy. rewrite behind_gate_mass.
    destruct (equal 0 x) as [<-|elsewhere], (equal _ 0) as [now_zero|not_zero]; try congruence; unfold excess.
    + rewrite ln_mult by assumption. ring.
    + rewrite ln_mult by assumption. ring.
Qed.

(** The entropy behind a gate of mean q, for every finite law: q H(x) + H_b(q), less
    [t H_b((1-q)/t)] where [t = P(x' = 0) = 1 - q + q P(x = 0)]. This is H(gate | x') (c03_gap_is_of_the_gate):
    what x' does not tell of its gate, because a zero may be the neuron's or the gate's.
    Hypothesis: none but that q is a probability. *)
Theorem c03_entropy_gap :
  entropy (behind_gate q Hq p) = q * entropy p + binary_entropy q - zero_mass * binary_entropy ((1 - q) / zero_mass).
Proof.
  rewrite behind_gate_entropy. unfold zero_mass at 2 3.
  rewrite binary_entropy_cut by (try apply Rmult_le_pos, mass_nonneg; lra). fold zero_mass. unfold binary_entropy.
  destruct (proj1 Hq) as [opens|closed].
  - rewrite behind_gate_surprise by assumption. unfold zero_mass. ring.
  - assert (sure : zero_mass = 1) by (unfold zero_mass; rewrite <- closed; ring).
    generalize (expectation p (fun x => ln (mass (behind_gate q Hq p) x))). intros lost.
    rewrite sure, <- closed, Rminus_0_r, ln_1. ring.
Qed.

(** The gate and what is behind it: H(gate, x') = H_b(q) + q H(x). *)
Lemma with_gate_entropy :
  entropy (push (fun w => (fst w, gated (fst w) (snd w))) (product (bernoulli q Hq) p)) =
  binary_entropy q + q * entropy p.
Proof.
  rewrite (entropy_chain (fun g => g) gated), expectation_bernoulli.
  rewrite (entropy_injective (fun g : bool => g)), entropy_bernoulli by auto.
  rewrite (entropy_injective (gated true)) by (intros a b _ _; now rewrite !gated_open).
  rewrite (entropy_same_law (push (gated false) p) (push (fun _ => 0) p)), entropy_constant; [ring|].
  apply push_ext. intros x _. apply gated_closed.
Qed.
(** What is missing is H(gate | x') = H(gate, x') - H(x'). *)
Theorem c03_gap_is_of_the_gate :
  entropy (push (fun w => (fst w, gated (fst w) (snd w))) (product (bernoulli q Hq) p))
    - entropy (behind_gate q Hq p) =
  zero_mass * binary_entropy ((1 - q) / zero_mass).
Proof. rewrite with_gate_entropy, c03_entropy_gap. ring. Qed.

(** Without an atom at zero: exactly q H(x) + H_b(q). *)
Theorem c03_entropy :
  no_atom p -> (* a zero is then always the gate's: see c03_counterexample_atom *)
  entropy (behind_gate q Hq p) = q * entropy p + binary_entropy q.
Proof.
  intros none. rewrite c03_entropy_gap. unfold zero_mass.
  rewrite none, binary_entropy_cut, Rmult_0_r, Rplus_0_r by lra. ring.
Qed.

Lemma gap_nonneg : 0 <= zero_mass * binary_entropy ((1 - q) / zero_mass).
Proof.
  pose proof zero_mass_bounds. destruct (Req_dec zero_mass 0) as [->|some]; [lra|].
  apply Rmult_le_pos; [lra|]. apply binary_entropy_nonneg. split.
  - apply Rmult_le_pos; [lra|]. apply Rlt_le, Rinv_0_lt_compat. lra.
  - apply Rmult_le_reg_r with zero_mass; [lra|]. unfold Rdiv. rewrite Rmult_assoc, Rinv_l by assumption. lra.
Qed.

(** With or without an atom: never more. *)
Theorem c03_entropy_bound : entropy (behind_gate q Hq p) <= q * entropy p + binary_entropy q.
Proof. rewrite c03_entropy_gap. pose proof gap_nonneg. lra. Qed.

(** A gate that is really random loses entropy exactly when the neuron has an atom at zero. *)
Theorem c03_entropy_strict :
  0 < q < 1 -> (* a gate that is always open, or never, hides nothing: see c03_entropy_certain *)
  (entropy (behind_gate q Hq p) < q * entropy p + binary_entropy q <-> 0 < mass p 0).
Proof.
  intros random. split.
  - intros less. destruct (mass_nonneg p 0) as [atom|none]; [assumption|].
    rewrite c03_entropy in less; [lra|]. now symmetry.
  - intros atom. rewrite c03_entropy_gap.
    assert (0 < q * mass p 0) by (apply Rmult_lt_0_compat; lra).
    enough (0 < zero_mass * binary_entropy ((1 - q) / zero_mass)) by lra.
    assert (0 < zero_mass) by (unfold zero_mass; lra).
    apply Rmult_lt_0_compat; [assumption|]. apply binary_entropy_positive. split.
    + apply Rdiv_lt_0_compat; lra.
    + apply Rmult_lt_reg_r with zero_mass; [assumption|].
      unfold Rdiv. rewrite Rmult_assoc, Rinv_l by lra. unfold zero_mass. lra.
Qed.

(** A gate that is always open, or never: the formula holds with an atom too. *)
Theorem c03_entropy_certain : q = 0 \/ q = 1 -> entropy (behind_gate q Hq p) = q * entropy p + binary_entropy q.
Proof.
  intros certain. rewrite c03_entropy_gap. unfold zero_mass.
  rewrite binary_entropy_cut by (try apply Rmult_le_pos, mass_nonneg; lra).
  destruct certain as [->| ->]; unfold binary_entropy.
  - replace (1 - 0 + 0 * mass p 0) with 1 by ring. rewrite Rminus_0_r, ln_1. ring.
  - replace (1 - 1 + 1 * mass p 0) with (mass p 0) by ring. replace (1 - 1) with 0 by ring. rewrite !Rmult_1_l. ring.
Qed.
End Gate.

(** The law of the counterexample. *)
Definition zero_or_one : law R := push (fun open => gated open 1) (bernoulli (1 / 2) half).

Lemma zero_or_one_zero : mass zero_or_one 0 = 1 / 2.
Proof.
  unfold zero_or_one. rewrite mass_push, expectation_bernoulli, gated_open, gated_closed.
  destruct (equal 1 0), (equal 0 0); lra.
Qed.
Lemma zero_or_one_entropy : entropy zero_or_one = ln 2.
Proof.
  unfold zero_or_one. rewrite entropy_injective, entropy_bernoulli; [apply binary_entropy_half|].
  intros [] [] _ _; rewrite ?gated_open, ?gated_closed; intros; lra || reflexivity.
Qed.

(** A neuron that is 0 or 1 with probability 1/2 each, behind a gate of mean 1/2: its entropy is H_b(1/4) = 0.562 nats,
    and q H(x) + H_b(q) = 3/2 ln 2 = 1.040 nats. The atom at zero breaks the equality. *)
Theorem c03_counterexample_atom :
  entropy (behind_gate (1 / 2) half zero_or_one) = binary_entropy (1 / 4) /\
  1 / 2 * entropy zero_or_one + binary_entropy (1 / 2) = 3 / 2 * ln 2 /\
  entropy (behind_gate (1 / 2) half zero_or_one) < 1 / 2 * entropy zero_or_one + binary_entropy (1 / 2).
Proof.
  repeat split.
  - rewrite c03_entropy_gap. unfold zero_mass. rewrite binary_entropy_cut by (rewrite ?zero_or_one_zero; lra).
    rewrite zero_or_one_zero, zero_or_one_entropy, binary_entropy_half. unfold binary_entropy.
    replace (1 - 1 / 2 + 1 / 2 * (1 / 2)) with (3 / 4) by lra. replace (1 / 2 * (1 / 2)) with (1 / 4) by lra.
    replace (1 - 1 / 2) with (1 / 2) by lra. replace (1 - 1 / 4) with (3 / 4) by lra.
    rewrite ln_half, ln_quarter. field.
  - rewrite zero_or_one_entropy, binary_entropy_half. field.
  - apply c03_entropy_strict; [lra|]. rewrite zero_or_one_zero. lra.
Qed.
