(** c01: mutual information behind independent gates falls as the product of their means. *)
From Coq Require Import Reals List Lra.
From Iclab Require Export gates small_laws c05_atom_bound.
Import ListNotations.
Open Scope R_scope.

(** Gates of any joint law, independent of the neurons: after dropout two neurons share what the gates share,
    and what the neurons shared before times the probability that both gates are open. *)
Theorem c01_any_gates (gates : law (bool * bool)) (p : law (R * R)) :
  no_atoms p -> (* else a silent neuron hides its gate: c01_counterexample_atom *)
  mutual_information (behind_gates gates p) =
  mutual_information gates + mass gates (true, true) * mutual_information p.
Proof. apply behind_gates_information. Qed.

(** Independent gates, open with probabilities q and s: I(gx; hy) = q s I(x; y). *)
Theorem c01_mi_quadratic (p : law (R * R)) q s (Hq : 0 <= q <= 1) (Hs : 0 <= s <= 1) :
  (* gates independent of each other: built into [independent_gates], needed by c01_counterexample_shared_gate;
     gates independent of the neurons: built into [behind_gates], needed by c01_counterexample_gate_knows *)
  no_atoms p -> (* c01_counterexample_atom; c05_equality_iff says exactly which laws with atoms do as well *)
  mutual_information (behind_gates (independent_gates q s Hq Hs) p) = q * s * mutual_information p.
Proof.
  intros none. rewrite c01_any_gates by exact none.
  rewrite independent_gates_information, independent_gates_open. ring.
Qed.

(** Both gates of one keep probability q: I(gx; hy) = q^2 I(x; y). *)
Theorem c01_mi_quadratic_keep (p : law (R * R)) q (Hq : 0 <= q <= 1) :
  no_atoms p -> (* as for c01_mi_quadratic *)
  mutual_information (behind_gates (independent_gates q q Hq Hq) p) = q ^ 2 * mutual_information p.
Proof. intros none. rewrite c01_mi_quadratic by exact none. ring. Qed.

(** ** The hypotheses are needed *)

(** Two neurons that are 0 or 1 and agree with probability .7: less than q^2 of the information is left at every
    0 < q < 1. *)
Theorem c01_counterexample_atom :
  exists p : law (R * R), ~ no_atoms p /\
    forall q (Hq : 0 <= q <= 1), 0 < q < 1 ->
      mutual_information (behind_gates (independent_gates q q Hq Hq) p) < q ^ 2 * mutual_information p.
Proof.
  exists agreeing. destruct agreeing_masses as (E00 & _ & _ & _ & Ex & Ey). split.
  - intros [none _]. unfold no_atom in none. lra.
  - intros q Hq Hq'. replace (q ^ 2) with (q * q) by ring.
    apply c05_atom_strict; [assumption..|]. left. exists 0. rewrite E00, Ex, Ey. lra.
Qed.

(** One fair gate for both: each is open half of the time, and two neurons that share nothing (both always 1)
    share ln 2. *)
Theorem c01_counterexample_shared_gate :
  exists (gates : law (bool * bool)) (p : law (R * R)),
    same_law (first gates) coin /\ same_law (second gates) coin /\ no_atoms p /\
    mutual_information p = 0 /\ mutual_information (behind_gates gates p) = ln 2.
Proof.
  exists (shared_gate (1 / 2) half), (product (certain 1) (certain 1)).
  assert (Z : mutual_information (product (certain 1) (certain 1)) = 0).
  { apply mutual_information_zero. intros a b. now rewrite first_product, second_product. }
  assert (N : no_atoms (product (certain 1) (certain 1))).
  { split; unfold no_atom; rewrite ?first_product, ?second_product; cbn [mass certain]; unfold indicator; masses. }
  repeat split; try apply N; try exact Z.
  - intros g. unfold first, shared_gate. rewrite push_push. apply mass_push_id.
  - intros g. unfold second, shared_gate. rewrite push_push. apply mass_push_id.
  - rewrite c01_any_gates, Z, shared_gate_information, binary_entropy_half by exact N. ring.
Qed.

Definition telling_gates : law ((bool * bool) * (R * R)) :=
  push (fun w : bool * bool => (w, (1, if fst w then 1 else 2))) (product coin coin).

(** Fair gates, independent of each other and each of its own neuron, but the gate of x is open exactly when y =
    1: x, always 1, shares nothing with y before, and something after. Here the first coin sets y, the second is
    the gate of y. *)
Theorem c01_counterexample_gate_knows :
  exists w : law ((bool * bool) * (R * R)),
    same_law (first w) (independent_gates (1 / 2) (1 / 2) half half) /\
    (* each gate knows nothing of its own neuron *)
    mutual_information (push (pair_map fst fst) w) = 0 /\ mutual_information (push (pair_map snd snd) w) = 0 /\
    no_atoms (second w) /\ mutual_information (second w) = 0 /\
    0 < mutual_information
          (push (fun v => (gated (fst (fst v)) (fst (snd v)), gated (snd (fst v)) (snd (snd v)))) w).
Proof.
  exists telling_gates. unfold telling_gates. repeat split.
  - intros g. unfold first. rewrite push_push. apply mass_push_id.
  - apply mutual_information_zero. intros g x. unfold second, first. rewrite !push_push.
    unfold pair_map. cbn [fst snd]. rewrite !push_sum.
    cbn [support mass product coin bernoulli list_prod map app sum fst snd]. destruct g; decide_outcomes; lra.
  - apply mutual_information_zero. intros h y. unfold second, first. rewrite !push_push.
    unfold pair_map. cbn [fst snd]. rewrite !push_sum.
    cbn [support mass product coin bernoulli list_prod map app sum fst snd]. destruct h; decide_outcomes; lra.
  - unfold no_atom. masses.
  - unfold no_atom. masses.
  - apply mutual_information_zero. intros x y. unfold second, first. rewrite !push_push. cbn [fst snd].
    rewrite mass_push_constant, !push_sum. cbn [support mass product coin bernoulli list_prod map app sum fst snd].
    unfold indicator.
    decide_outcomes; ring.
  - set (after := push _ _).
    destruct (mutual_information_nonneg after) as [|Z]; [assumption|exfalso].
    symmetry in Z. rewrite mutual_information_zero in Z. specialize (Z 0 1).
    assert (J : mass after (0, 1) = 0) by (unfold after, gated; masses).
    assert (X : mass (first after) 0 = 1 / 2) by (unfold after, gated; masses).
    assert (Y : mass (second after) 1 = 1 / 4) by (unfold after, gated; masses).
    rewrite J, X, Y in Z. lra.
Qed.
