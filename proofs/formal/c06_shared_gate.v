(** c06: one gate for both neurons (dropout of whole channels): what they share after it. *)
From Coq Require Import Reals List Lra.
From Iclab Require Export gates small_laws c05_atom_bound.
Import ListNotations.
Open Scope R_scope.

(** Two neurons behind one gate of mean q share the entropy of the gate and q times what they shared before. *)
Theorem c06_shared_gate (p : law (R * R)) q (Hq : 0 <= q <= 1) :
  no_atoms p -> (* a silent neuron hides its gate: see c06_equality_iff, by which it is needed in both neurons *)
  mutual_information (behind_gates (shared_gate q Hq) p) = binary_entropy q + q * mutual_information p.
Proof.
  intros none. rewrite behind_gates_information by exact none.
  now rewrite shared_gate_information, shared_gate_open.
Qed.

(** Whatever atoms there are, it is not more. *)
Theorem c06_shared_gate_bound (p : law (R * R)) q (Hq : 0 <= q <= 1) :
  mutual_information (behind_gates (shared_gate q Hq) p) <= binary_entropy q + q * mutual_information p.
Proof.
  pose proof (behind_gates_le (shared_gate q Hq) p) as H.
  now rewrite shared_gate_information, shared_gate_open in H.
Qed.

(** ** The hypothesis is needed *)

Lemma shared_first_mass q Hq g : mass (first (shared_gate q Hq)) g = chance q g.
Proof. unfold first, shared_gate. rewrite push_push. cbn [fst]. now rewrite mass_push_id. Qed.
Lemma shared_second_mass q Hq g : mass (second (shared_gate q Hq)) g = chance q g.
Proof. unfold second, shared_gate. rewrite push_push. cbn [snd]. now rewrite mass_push_id. Qed.
Lemma shared_gate_mass q Hq g h : mass (shared_gate q Hq) (g, h) = if Bool.eqb g h then chance q g else 0.
Proof.
  destruct g, h; unfold shared_gate; rewrite push_sum; cbn [support mass bernoulli sum Bool.eqb chance];
    decide_outcomes; ring.
Qed.

Lemma shared_zero_positive p q Hq : 0 < q < 1 -> 0 < mass (behind_gates (shared_gate q Hq) p) (0, 0).
Proof.
  intros Hq'. rewrite behind_mass, expectation_gates, !shared_gate_mass. cbn [fst snd shown Bool.eqb chance].
  rewrite indicator_same. assert (0 <= q * mass p (0, 0)) by (apply Rmult_le_pos; [lra|apply mass_nonneg]). lra.
Qed.

Lemma product_zero a b c : a * (1 - b) * c = 0 -> 0 < 1 - b -> 0 < c -> a = 0.
Proof. intros H Hb Hc. apply Rmult_integral in H as [H|]; [apply Rmult_integral in H as []|]; lra. Qed.

(** The formula holds if and only if neither neuron has an atom at 0. *)
Theorem c06_equality_iff (p : law (R * R)) q (Hq : 0 <= q <= 1) :
  0 < q < 1 -> (* at q = 0 and q = 1 it holds for any law *)
  mutual_information (behind_gates (shared_gate q Hq) p) = binary_entropy q + q * mutual_information p <-> no_atoms p.
Proof.
  intros Hq'. split; [|apply c06_shared_gate].
  pose proof (proj1 (seen_equality (shared_gate q Hq) p)) as E. rewrite shared_gate_information, shared_gate_open in E.
  intros H. specialize (E H). pose proof (shared_zero_positive p q Hq Hq') as Positive. split; unfold no_atom.
  - specialize (E true 0 false 0).
    rewrite shared_gate_mass, shared_first_mass, shared_second_mass in E. cbn [shown_one chance Bool.eqb] in E.
    rewrite indicator_same, Rmult_1_r, !Rmult_0_l in E. symmetry in E.
    apply product_zero in E; [|lra|assumption]. apply Rmult_integral in E as []; [lra|assumption].
  - specialize (E false 0 true 0).
    rewrite shared_gate_mass, shared_first_mass, shared_second_mass in E. cbn [shown_one chance Bool.eqb] in E.
    rewrite indicator_same, Rmult_1_r, !Rmult_0_l, (Rmult_comm (1 - q)) in E. symmetry in E.
    apply product_zero in E; [|lra|assumption]. apply Rmult_integral in E as []; [lra|assumption].
Qed.

(** A pair with an atom in one neuron only: a coin that is 0 on one side, beside a neuron that is always 1. *)
Theorem c06_counterexample_one_atom :
  exists p : law (R * R),
    mass (first p) 0 = 1 / 2 /\ no_atom (second p) /\
    forall q (Hq : 0 <= q <= 1), 0 < q < 1 ->
      mutual_information (behind_gates (shared_gate q Hq) p) < binary_entropy q + q * mutual_information p.
Proof.
  exists (product (push number coin) (certain 1)).
  assert (Ex : mass (first (product (push number coin) (certain 1))) 0 = 1 / 2) by (rewrite first_product; masses).
  repeat split; [exact Ex|unfold no_atom; rewrite second_product; cbn [mass certain]; unfold indicator; masses|].
  intros q Hq Hq'.
  destruct (c06_shared_gate_bound (product (push number coin) (certain 1)) q Hq) as [|E]; [assumption|].
  apply (c06_equality_iff _ q Hq Hq') in E as [none _]. unfold no_atom in none. rewrite Ex in none. lra.
Qed.

(** ** It is no quadratic law *)

(** Behind one gate two neurons share more than q^2 times the information, so c01 fails there. *)
Theorem c06_not_quadratic (p : law (R * R)) q (Hq : 0 <= q <= 1) :
  0 < q < 1 -> (* at q = 0 and q = 1 both sides are equal *)
  no_atoms p -> (* two neurons that are always 0 share nothing before or after *)
  q ^ 2 * mutual_information p < mutual_information (behind_gates (shared_gate q Hq) p).
Proof.
  intros Hq' none. rewrite c06_shared_gate by exact none. pose proof (binary_entropy_positive q Hq').
  assert (0 <= q * (1 - q) * mutual_information p)
    by (repeat apply Rmult_le_pos; try apply mutual_information_nonneg; lra). lra.
Qed.

(** Dropout by one gate makes the neurons share more than before if and only if H_b(q) > (1-q) I: for 0 < q < 1 always
    if they were independent (c06_rise_of_independent). *)
Theorem c06_rise (p : law (R * R)) q (Hq : 0 <= q <= 1) :
  no_atoms p -> (* as for c06_shared_gate *)
  mutual_information p < mutual_information (behind_gates (shared_gate q Hq) p) <->
  (1 - q) * mutual_information p < binary_entropy q.
Proof. intros none. rewrite c06_shared_gate by exact none. lra. Qed.

(** Independent neurons become dependent behind one gate. *)
Theorem c06_rise_of_independent (p : law (R * R)) q (Hq : 0 <= q <= 1) :
  0 < q < 1 -> (* else the gate has no entropy to share *)
  no_atoms p -> (* two neurons that are always 0 stay independent *)
  mutual_information p = 0 ->
  0 < mutual_information (behind_gates (shared_gate q Hq) p).
Proof.
  intros Hq' none zero. rewrite c06_shared_gate, zero by exact none. pose proof (binary_entropy_positive q Hq'). lra.
Qed.
