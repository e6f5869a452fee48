(** The claims on mutual information for neurons of any law: discrete, continuous or mixed. See any_law.v for what
    such a pair is, and borel.v for the quantisers of probability theory. *)
From Coq Require Import Reals List Lra.
From Coq Require Cantor.
From Iclab Require Export any_law.
From Iclab Require Import c01_mi_quadratic.
Import ListNotations.
Open Scope R_scope.

Section Claims.
Context {Q : quantisers} (P : neurons Q).

(** Gates of any joint law that know nothing of the neurons: what the gates share, and what the neurons share times the
    probability that both gates are open. [no_atoms_at_zero]: as below. *)
Theorem c01_any_gates_any_law (gates : law (bool * bool)) I :
  no_atoms_at_zero P -> is_information P I ->
  is_information (neurons_behind gates P) (mutual_information gates + mass gates (true, true) * I).
Proof.
  apply information_behind_gates.
Qed.

(** Dropout of means q and s on two neurons of any law with P(x=0) = P(y=0) = 0: the mutual information is
    multiplied by q s. [no_atoms_at_zero]: a zero of the neuron itself would hide the gate
    (c01_counterexample_atom_any_law). *)
Theorem c01_mi_quadratic_any_law q s Hq Hs I :
  no_atoms_at_zero P -> is_information P I ->
  is_information (neurons_behind (independent_gates q s Hq Hs) P) (q * s * I).
Proof.
  intros no_zero information.
  replace (q * s * I) with (mutual_information (independent_gates q s Hq Hs) +
    mass (independent_gates q s Hq Hs) (true, true) * I).
  - now apply information_behind_gates.
  - rewrite independent_gates_information, independent_gates_open. ring.
Qed.

(** The same keep probability for both: a factor keep^2. *)
Corollary c01_mi_keep_squared_any_law keep Hkeep I :
  no_atoms_at_zero P -> is_information P I ->
  is_information (neurons_behind (independent_gates keep keep Hkeep Hkeep) P) (keep ^ 2 * I).
Proof.
  intros no_zero information. replace (keep ^ 2 * I) with (keep * keep * I) by ring.
  now apply c01_mi_quadratic_any_law.
Qed.

(** Infinite information, as a continuous neuron has about itself, stays infinite.
    [0 < q], [0 < s]: behind a gate that is always closed nothing is left. *)
Theorem c01_mi_infinite_any_law q s Hq Hs :
  0 < q -> 0 < s -> no_atoms_at_zero P -> infinite_information P ->
  infinite_information (neurons_behind (independent_gates q s Hq Hs) P).
Proof.
  intros Pq Ps no_zero unbounded. apply infinite_behind_gates; [assumption| |assumption].
  rewrite independent_gates_open. now apply Rmult_lt_0_compat.
Qed.

(** With atoms at zero, as after ReLU, dropout leaves an information which is at most q s times that of the neurons. *)
Theorem c05_atom_bound_any_law q s Hq Hs I :
  is_information P I ->
  exists I', is_information (neurons_behind (independent_gates q s Hq Hs) P) I' /\ I' <= q * s * I.
Proof.
  intros information.
  destruct (information_behind_gates_le (independent_gates q s Hq Hs) P I information) as (I' & has & le).
  exists I'. split; [assumption|]. rewrite independent_gates_information, independent_gates_open in le. lra.
Qed.

(** One gate for both neurons, as in spatial dropout: H_b(q) + q I(x;y). The gate itself is common information. *)
Theorem c06_shared_gate_any_law q Hq I :
  no_atoms_at_zero P -> is_information P I ->
  is_information (neurons_behind (shared_gate q Hq) P) (binary_entropy q + q * I).
Proof.
  intros no_zero information.
  replace (binary_entropy q + q * I) with
    (mutual_information (shared_gate q Hq) + mass (shared_gate q Hq) (true, true) * I).
  - now apply information_behind_gates.
  - now rewrite shared_gate_information, shared_gate_open.
Qed.
(** With atoms at zero it is at most that. *)
Theorem c06_shared_gate_bound_any_law q Hq I :
  is_information P I ->
  exists I', is_information (neurons_behind (shared_gate q Hq) P) I' /\ I' <= binary_entropy q + q * I.
Proof.
  intros information. destruct (information_behind_gates_le (shared_gate q Hq) P I information) as (I' & has & le).
  exists I'. split; [assumption|]. now rewrite shared_gate_information, shared_gate_open in le.
Qed.
End Claims.

(** ** Maps of the neurons *)

(** A map that takes admissible quantisers to admissible ones, as measurable maps do to Borel quantisers. *)
Definition respects (Q : quantisers) (u : R -> R) : Prop := forall f, Q f -> Q (fun x => f (u x)).

Section Maps.
Context {Q : quantisers} (P : neurons Q) (u v : R -> R) (respects_u : respects Q u) (respects_v : respects Q v).

Definition mapped_quantised (f k : R -> nat) : law (nat * nat) := quantised P (fun x => f (u x)) (fun y => k (v y)).
Lemma mapped_consistent (f k f' k' : R -> nat) (phi psi : nat -> nat) : Q f -> Q k ->
  (forall x, f' x = phi (f x)) -> (forall x, k' x = psi (k x)) ->
  same_law (mapped_quantised f' k') (push (pair_map phi psi) (mapped_quantised f k)).
Proof.
  intros Qf Qk Ef Ek. apply consistent; auto.
Qed.
(** The pair (u(x), v(y)). *)
Definition mapped : neurons Q := Neurons Q mapped_quantised mapped_consistent.

(** Maps of each neuron cannot add information. *)
Theorem c04_data_processing_any_law I : is_information P I -> exists I', is_information mapped I' /\ I' <= I.
Proof.
  intros [above _]. assert (bounds : is_upper_bound (quantised_information mapped) I).
  { intros i (f & k & Qf & Qk & ->). apply above. exists (fun x => f (u x)), (fun y => k (v y)). auto. }
  destruct (completeness (quantised_information mapped)) as [I' lub].
  - now exists I.
  - apply some_information.
  - exists I'. split; [assumption|]. now apply lub.
Qed.

(** Maps that can be undone change nothing. [respects Q u'], [respects Q v']: the inverse is measurable too. *)
Theorem c04_mi_injective_any_law (u' v' : R -> R) I :
  respects Q u' -> respects Q v' -> (forall x, u' (u x) = x) -> (forall y, v' (v y) = y) ->
  is_information mapped I <-> is_information P I.
Proof.
  intros respects_u' respects_v' undo_u undo_v.
  assert (same : forall i, quantised_information mapped i <-> quantised_information P i).
  { intros i. split; intros (f & k & Qf & Qk & ->).
    - exists (fun x => f (u x)), (fun y => k (v y)). auto.
    - exists (fun x => f (u' x)), (fun y => k (v' y)). repeat split; auto. simpl. unfold mapped_quantised.
      assert (Qfu : Q (fun x => f (u' (u x)))) by exact (respects_u _ (respects_u' _ Qf)).
      assert (Qkv : Q (fun y => k (v' (v y)))) by exact (respects_v _ (respects_v' _ Qk)).
      apply Rle_antisym; apply (coarser_information P _ _ _ _ (fun n => n) (fun n => n)); auto;
        intros x; cbv beta; now rewrite ?undo_u, ?undo_v. }
  split; intros [above least]; (split; [intros i told|intros bound bounds; apply least; intros i told]);
    try apply above; try apply bounds; now apply same.
Qed.
End Maps.

(** Batch normalisation keeps the information of any pair. [scale <> 0]: a weight of zero makes the neuron constant.
    [respected]: quantisers of scaled and shifted neurons are quantisers; borel.v proves it of the Borel ones. *)
Theorem c04_mi_batch_norm_any_law {Q : quantisers} (P : neurons Q)
  (respected : forall scale shift, respects Q (affine scale shift)) scale shift scale' shift' I :
  scale <> 0 -> scale' <> 0 ->
  is_information (mapped P (affine scale shift) (affine scale' shift') (respected _ _) (respected _ _)) I <->
  is_information P I.
Proof.
  intros nonzero nonzero'.
  apply (c04_mi_injective_any_law P _ _ _ _ (affine (/ scale) (- shift / scale))
    (affine (/ scale') (- shift' / scale'))); auto; intros x; unfold affine; now field.
Qed.

(** ** Finite laws are among them *)

Section Finite.
Context (Q : quantisers).

Definition finite_quantised (p : law (R * R)) (f k : R -> nat) : law (nat * nat) := push (pair_map f k) p.
Lemma finite_consistent p (f k f' k' : R -> nat) (phi psi : nat -> nat) : Q f -> Q k ->
  (forall x, f' x = phi (f x)) -> (forall x, k' x = psi (k x)) ->
  same_law (finite_quantised p f' k') (push (pair_map phi psi) (finite_quantised p f k)).
Proof.
  intros _ _ Ef Ek w. unfold finite_quantised. rewrite push_push. apply push_ext. intros [x y] _.
  unfold pair_map. simpl. now rewrite Ef, Ek.
Qed.
Definition finite_neurons (p : law (R * R)) : neurons Q := Neurons Q (finite_quantised p) (finite_consistent p).

(** Some quantiser tells the values of a finite list apart. *)
Lemma separating_quantiser (l : list R) : exists f, Q f /\ forall a b, In a l -> In b l -> f a = f b -> a = b.
Proof.
  induction l as [|c l (f & Qf & apart)].
  - exists (at_point 0). split; [apply admissible_point|easy].
  - exists (joined f (at_point c)). split; [now apply admissible_joined; [|apply admissible_point]|].
    intros a b in_a in_b same. unfold joined in same. apply Cantor.to_nat_inj in same.
    assert (same_f : f a = f b) by congruence.
    assert (same_c : at_point c a = at_point c b) by congruence. unfold at_point in same_c.
    destruct (equal a c) as [->|], (equal b c) as [->|]; try easy.
    destruct in_a as [<-|in_a], in_b as [<-|in_b]; try easy. now apply apart.
Qed.

(** The information of a finite law by quantisation is the sum p ln(p / (p p)). *)
Theorem finite_information p : is_information (finite_neurons p) (mutual_information p).
Proof.
  split.
  - intros i (f & k & _ & _ & ->). apply data_processing.
  - intros bound bounds.
    destruct (separating_quantiser (support (first p))) as (f & Qf & apart_f).
    destruct (separating_quantiser (support (second p))) as (k & Qk & apart_k).
    apply bounds. exists f, k. split; [assumption|]. split; [assumption|]. symmetry.
    apply mutual_information_injective; intros a b heavy_a heavy_b; [apply apart_f|apply apart_k];
      now apply mass_in_support.
Qed.

(** Gates on it are the gates of finite laws. *)
Theorem finite_behind_gates gates p (f k : R -> nat) :
  same_law (quantised (neurons_behind gates (finite_neurons p)) f k) (push (pair_map f k) (behind_gates gates p)).
Proof.
  intros w. unfold neurons_behind, finite_neurons, gated_quantised, behind_marked, behind_gates, finite_quantised.
  unfold quantised.
  rewrite product_push, push_push. apply push_ext. intros [[g h] [x y]] _. unfold pair_map, gated. simpl.
  now destruct g, h; rewrite ?Rmult_1_l, ?Rmult_0_l.
Qed.
(** So the information of [behind_gates] is that of the neurons behind gates: what the finite counterexamples to c01
    and c05 show holds here too. *)
Theorem finite_information_behind_gates gates p :
  is_information (neurons_behind gates (finite_neurons p)) (mutual_information (behind_gates gates p)).
Proof.
  destruct (finite_information (behind_gates gates p)) as [above least].
  split; [intros i told; apply above|intros bound bounds; apply least; intros i told; apply bounds];
    destruct told as (f & k & Qf & Qk & ->); exists f, k; repeat split; auto; [|symmetry];
    apply mutual_information_same_law, finite_behind_gates.
Qed.
(** So is the absence of atoms. *)
Theorem finite_no_atoms p : no_atoms_at_zero (finite_neurons p) <-> no_atoms p.
Proof.
  assert (point : forall r : law R, mass (push (at_point 0) r) 1%nat = mass r 0).
  { intros r. replace 1%nat with (at_point 0 0) by (unfold at_point; now destruct (equal 0 0)).
    apply push_injective. intros b _. unfold at_point. now destruct (equal b 0), (equal 0 0). }
  unfold no_atoms_at_zero, no_atoms, no_atom, finite_neurons, quantised, finite_quantised. rewrite <- !point.
  unfold first, second. now rewrite !push_push.
Qed.
End Finite.

(** The claim c01 needs its hypothesis: two neurons that are 0 or 1, as a pair of this kind, keep less than q^2 I at
    every 0 < q < 1. *)
Theorem c01_counterexample_atom_any_law (Q : quantisers) :
  exists (P : neurons Q) (I : R), is_information P I /\ ~ no_atoms_at_zero P /\
    forall q (Hq : 0 <= q <= 1), 0 < q < 1 ->
      exists I', is_information (neurons_behind (independent_gates q q Hq Hq) P) I' /\ I' < q ^ 2 * I.
Proof.
  destruct c01_counterexample_atom as (p & atoms & less).
  exists (finite_neurons Q p), (mutual_information p). split; [apply finite_information|]. split.
  - now rewrite finite_no_atoms.
  - intros q Hq between. exists (mutual_information (behind_gates (independent_gates q q Hq Hq) p)).
    split; [apply finite_information_behind_gates|now apply less].
Qed.
