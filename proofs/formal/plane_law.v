(** Probability laws on the plane: the claims of any_law_claims.v for every one of them. What is used of a law is the
    probability of each rectangle of Borel sets, P(x in s and y in t), and that it is additive. *)
From Coq Require Import Reals List Lra Lia.
From Coq Require ClassicalDedekindReals.
From Iclab Require Export borel.
Import ListNotations.
Open Scope R_scope.

(** A set function that adds up over disjoint Borel sets. *)
Record additive (m : (R -> Prop) -> R) : Prop := Additive {
  additive_same : forall s s', (forall x, s x <-> s' x) -> borel s -> m s = m s';
  additive_or : forall s s', borel s -> borel s' -> (forall x, ~ (s x /\ s' x)) ->
    m (fun x => s x \/ s' x) = m s + m s'
}.

(** The law of a pair of neurons. Every probability measure on the plane is one, by its values on rectangles; that it
    adds up over finitely many sets is all that is used. plane_law_finite.v constructs the finite laws; a law with a
    density is constructed nowhere here, for the standard library has no Lebesgue measure. *)
Record plane_law := PlaneLaw {
  rectangle :> (R -> Prop) -> (R -> Prop) -> R;
  rectangle_nonneg : forall s t, borel s -> borel t -> 0 <= rectangle s t;
  rectangle_total : rectangle (fun _ => True) (fun _ => True) = 1;
  rectangle_first : forall t, borel t -> additive (fun s => rectangle s t);
  rectangle_second : forall s, borel s -> additive (fun t => rectangle s t)
}.

(** A bound on the values of a quantiser. *)
Definition not_below_dec (f : R -> nat) (n : nat) : {~ (forall x, (f x < n)%nat)} + {~ ~ (forall x, (f x < n)%nat)} :=
  match ClassicalDedekindReals.sig_not_dec (forall x, (f x < n)%nat) with left a => right a | right b => left b end.
Definition size (f : R -> nat) : nat :=
  match ClassicalDedekindReals.sig_forall_dec _ (not_below_dec f) with
  | inleft n => proj1_sig n
  | inright _ => 0%nat
  end.
Lemma size_above f : finitely_valued f -> forall x, (f x < size f)%nat.
Proof.
  intros [n below] x. unfold size. destruct (ClassicalDedekindReals.sig_forall_dec _ _) as [[m bound]|none].
  - simpl. destruct (Nat.lt_ge_cases (f x) m) as [|beyond]; [assumption|]. destruct bound. intros above.
    specialize (above x). lia.
  - now destruct (none n).
Qed.

(** ** Sums over the levels of a quantiser *)

Section Levels.
Context (m : (R -> Prop) -> R) (adds : additive m).

Lemma additive_empty (s : R -> Prop) : (forall x, ~ s x) -> m s = 0.
Proof.
  intros empty. assert (borel_s : borel s) by (apply borel_same with (fun _ => False); [firstorder|apply borel_empty]).
  assert (twice : m (fun x => s x \/ s x) = m s + m s) by (apply additive_or; firstorder).
  rewrite <- (additive_same m adds s) in twice; [lra|tauto|assumption].
Qed.
Lemma additive_below f (phi : nat -> nat) i n : borel_quantiser f ->
  m (fun x => (f x < n)%nat /\ phi (f x) = i) =
  sum (seq 0 n) (fun j => if equal (phi j) i then m (fun x => f x = j) else 0).
Proof.
  intros Qf. assert (levels : forall keep : nat -> Prop, (forall j, {keep j} + {~ keep j}) ->
    borel (fun x => keep (f x))).
  { intros keep dec. apply borel_same with (fun x => (if dec (f x) then 1%nat else 0%nat) = 1%nat).
    - intros x. destruct (dec (f x)); intuition discriminate.
    - apply (borel_quantiser_coarser (fun j => if dec j then 1%nat else 0%nat) f Qf). }
  induction n as [|n IH]; [apply additive_empty; intros x []; lia|].
  rewrite seq_S, sum_app, <- IH. simpl.
  assert (borel_n : borel (fun x => (f x < n)%nat /\ phi (f x) = i)).
  { apply (levels (fun j => (j < n)%nat /\ phi j = i)). intros j.
    destruct (lt_dec j n), (Nat.eq_dec (phi j) i); tauto. }
  destruct (equal (phi n) i) as [here|elsewhere].
  - rewrite Rplus_0_r, <- (additive_or m adds); [|assumption|apply Qf|intros x [[] ?]; lia].
    symmetry. apply additive_same; [assumption| |].
    + intros x. split; [intros [[below at_i]|at_n]; [split; [lia|assumption]|rewrite at_n; split; [lia|assumption]]|].
      intros [below at_i]. destruct (Nat.eq_dec (f x) n); [now right|left; split; [lia|assumption]].
    + apply (levels (fun j => ((j < n)%nat /\ phi j = i) \/ j = n)). intros j.
      destruct (lt_dec j n), (Nat.eq_dec (phi j) i), (Nat.eq_dec j n); tauto.
  - rewrite !Rplus_0_r. symmetry. apply additive_same; [assumption| |assumption]. intros x.
    split; [intros []; split; [lia|assumption]|]. intros [below at_i].
    destruct (Nat.eq_dec (f x) n) as [at_n|]; [congruence|split; [lia|assumption]].
Qed.
Lemma additive_levels f (phi : nat -> nat) i : borel_quantiser f ->
  m (fun x => phi (f x) = i) =
  sum (seq 0 (size f)) (fun j => if equal (phi j) i then m (fun x => f x = j) else 0).
Proof.
  intros Qf. rewrite <- additive_below by assumption. apply additive_same; [assumption| |].
  - intros x. pose proof (size_above f (proj1 Qf) x). tauto.
  - apply (borel_quantiser_coarser phi f Qf).
Qed.
Lemma additive_total f : borel_quantiser f -> sum (seq 0 (size f)) (fun j => m (fun x => f x = j)) = m (fun _ => True).
Proof.
  intros Qf. rewrite (additive_same m adds (fun _ => True) (fun x => (fun _ => 0%nat) (f x) = 0%nat));
    [|tauto|apply borel_full].
  rewrite (additive_levels f (fun _ => 0%nat)) by assumption. now apply sum_ext.
Qed.
End Levels.

(** ** The pair of neurons *)

Section Plane.
Context (L : plane_law).

(** P(f(x) = i and k(y) = j). *)
Definition level_mass (f k : R -> nat) (ij : nat * nat) : R := L (fun x => f x = fst ij) (fun y => k y = snd ij).
Definition levels (f k : R -> nat) : list (nat * nat) := list_prod (seq 0 (size f)) (seq 0 (size k)).

Lemma levels_once f k : NoDup (levels f k).
Proof.
  apply list_prod_once; apply seq_NoDup.
Qed.
Lemma level_mass_nonneg f k ij : borel_quantiser f /\ borel_quantiser k -> 0 <= level_mass f k ij.
Proof.
  intros [Qf Qk]. apply rectangle_nonneg; [apply Qf|apply Qk].
Qed.
Lemma level_mass_off f k ij : borel_quantiser f /\ borel_quantiser k -> ~ In ij (levels f k) -> level_mass f k ij = 0.
Proof.
  intros [Qf Qk] off. destruct ij as [i j]. unfold level_mass. simpl.
  destruct (Nat.lt_ge_cases i (size f)) as [inside_i|outside_i].
  - apply (additive_empty _ (rectangle_second L _ (proj2 Qf i))). intros y at_j. apply off.
    apply in_prod; apply in_seq; [lia|]. pose proof (size_above k (proj1 Qk) y). lia.
  - apply (additive_empty _ (rectangle_first L _ (proj2 Qk j))). intros x at_i.
    pose proof (size_above f (proj1 Qf) x). lia.
Qed.
Lemma level_mass_total f k : borel_quantiser f /\ borel_quantiser k -> sum (levels f k) (level_mass f k) = 1.
Proof.
  intros [Qf Qk]. unfold levels. rewrite sum_list_prod, <- (rectangle_total L).
  rewrite <- (additive_total _ (rectangle_first L _ borel_full) f Qf). apply sum_ext. intros i _.
  apply (additive_total _ (rectangle_second L _ (proj2 Qf i)) k Qk).
Qed.

(** Of real numbers, what cannot be false is true. *)
Lemma stable_le (P : Prop) (a b : R) : (P -> a <= b) -> ~ ~ P -> a <= b.
Proof.
  intros given not_not. destruct (Rle_dec a b); tauto.
Qed.
Lemma stable_eq (P : Prop) (a b : R) : (P -> a = b) -> ~ ~ P -> a = b.
Proof.
  intros given not_not. destruct (Req_EM_T a b); tauto.
Qed.
Definition anything : law (nat * nat) := push (fun _ => (0, 0)%nat) (bernoulli 1 (conj Rle_0_1 (Rle_refl 1))).

(** The law of (f(x), k(y)), for Borel quantisers. *)
Definition plane_quantised (f k : R -> nat) : law (nat * nat) :=
  match ClassicalDedekindReals.sig_not_dec (borel_quantiser f /\ borel_quantiser k) with
  | left are => Law (nat * nat) (levels f k) (level_mass f k) (levels_once f k)
      (fun ij => stable_le _ _ _ (level_mass_nonneg f k ij) are)
      (fun ij off => stable_eq _ _ _ (fun both => level_mass_off f k ij both off) are)
      (stable_eq _ _ _ (level_mass_total f k) are)
  | right _ => anything
  end.
Lemma plane_quantised_mass f k ij : borel_quantiser f -> borel_quantiser k ->
  mass (plane_quantised f k) ij = level_mass f k ij.
Proof.
  intros Qf Qk. unfold plane_quantised. now destruct (ClassicalDedekindReals.sig_not_dec _); [|tauto].
Qed.
Lemma plane_quantised_push f k (phi psi : nat -> nat) i j : borel_quantiser f -> borel_quantiser k ->
  mass (push (pair_map phi psi) (plane_quantised f k)) (i, j) = L (fun x => phi (f x) = i) (fun y => psi (k y) = j).
Proof.
  intros Qf Qk. transitivity (push_mass (pair_map phi psi) (plane_quantised f k) (i, j)); [reflexivity|].
  unfold push_mass, plane_quantised. destruct (ClassicalDedekindReals.sig_not_dec _); [|tauto]. simpl.
  unfold levels. rewrite sum_list_prod.
  rewrite (additive_levels _ (rectangle_first L _ (proj2 (borel_quantiser_coarser psi k Qk) j)) f phi i Qf).
  apply sum_ext. intros a _. destruct (equal (phi a) i) as [<-|differ].
  - rewrite (additive_levels _ (rectangle_second L _ (proj2 Qf a)) k psi j Qk). apply sum_ext. intros b _.
    unfold pair_map, level_mass. simpl. destruct (equal (_, _) _), (equal (psi b) j); congruence.
  - apply sum_zero. intros b _. unfold pair_map. simpl. destruct (equal (_, _) _); congruence.
Qed.
Lemma plane_consistent (f k f' k' : R -> nat) (phi psi : nat -> nat) : borel_quantiser f -> borel_quantiser k ->
  (forall x, f' x = phi (f x)) -> (forall x, k' x = psi (k x)) ->
  same_law (plane_quantised f' k') (push (pair_map phi psi) (plane_quantised f k)).
Proof.
  intros Qf Qk Ef Ek [i j].
  assert (Qf' : borel_quantiser f')
    by (apply borel_quantiser_ext with (fun x => phi (f x)); auto using borel_quantiser_coarser).
  assert (Qk' : borel_quantiser k')
    by (apply borel_quantiser_ext with (fun x => psi (k x)); auto using borel_quantiser_coarser).
  rewrite plane_quantised_push, plane_quantised_mass by assumption. unfold level_mass. simpl.
  rewrite (additive_same _ (rectangle_first L _ (proj2 Qk' j)) _ (fun x => phi (f x) = i));
    [|intros x; now rewrite Ef|apply Qf'].
  apply (additive_same _ (rectangle_second L _ (proj2 (borel_quantiser_coarser phi f Qf) i))); [|apply Qk'].
  intros y. now rewrite Ek.
Qed.
Definition plane_neurons : neurons borel_quantisers := Neurons borel_quantisers plane_quantised plane_consistent.

(** P(x = 0) = P(y = 0) = 0 in terms of the law on the plane. *)
Definition no_atoms_on_axes : Prop := L (fun x => x = 0) (fun _ => True) = 0 /\ L (fun _ => True) (fun y => y = 0) = 0.

Lemma at_zero_is_zero x : at_point 0 x = 1%nat <-> x = 0.
Proof.
  unfold at_point. destruct (equal x 0); intuition lia.
Qed.
Lemma plane_no_atoms : no_atoms_on_axes -> no_atoms_at_zero plane_neurons.
Proof.
  intros [no_x no_y]. pose proof (borel_quantiser_point 0) as Q0. pose proof (proj2 Q0 1%nat) as zero.
  pose proof (proj2 (borel_quantiser_coarser (fun _ => 0%nat) _ Q0) 0%nat) as line.
  simpl in line. unfold no_atoms_at_zero, plane_neurons, quantised. split.
  - transitivity (mass (push (pair_map (fun i => i) (fun _ => 0%nat)) (plane_quantised (at_point 0) (at_point 0)))
                       (1%nat, 0%nat)).
    + unfold first. rewrite !mass_push. apply expectation_ext. intros [i j] _. unfold pair_map. simpl.
      destruct (equal i 1%nat), (equal (i, 0%nat) _); congruence.
    + rewrite plane_quantised_push by assumption. refine (eq_trans _ no_x).
      rewrite (additive_same _ (rectangle_first L _ line) _ (fun x => x = 0) at_zero_is_zero zero).
      apply (additive_same _ (rectangle_second L _ (borel_point 0))); [tauto|assumption].
  - transitivity (mass (push (pair_map (fun _ => 0%nat) (fun j => j)) (plane_quantised (at_point 0) (at_point 0)))
                       (0%nat, 1%nat)).
    + unfold second. rewrite !mass_push. apply expectation_ext. intros [i j] _. unfold pair_map. simpl.
      destruct (equal j 1%nat), (equal (0%nat, j) _); congruence.
    + rewrite plane_quantised_push by assumption. refine (eq_trans _ no_y).
      rewrite (additive_same _ (rectangle_second L _ line) _ (fun y => y = 0) at_zero_is_zero zero).
      apply (additive_same _ (rectangle_first L _ (borel_point 0))); [tauto|assumption].
Qed.
End Plane.

(** ** Gates on a law on the plane *)

Lemma gated_affine open x : gated open x = affine (if open then 1 else 0) 0 x.
Proof.
  unfold gated, affine. ring.
Qed.
Lemma borel_gated open s : borel s -> borel (fun x => s (gated open x)).
Proof.
  intros borel_s. apply borel_same with (fun x => s (affine (if open then 1 else 0) 0 x)).
  - intros x. now rewrite gated_affine.
  - now apply borel_affine.
Qed.
(** Averages over the gates of what adds up, add up. *)
Lemma additive_average {A} (gates : law A) (m : A -> (R -> Prop) -> R) :
  (forall g, additive (m g)) -> additive (fun s => expectation gates (fun g => m g s)).
Proof.
  intros adds. split.
  - intros s s' same borel_s. apply expectation_ext. intros g _. now apply additive_same.
  - intros s s' borel_s borel_s' apart. unfold expectation. rewrite <- sum_plus. apply sum_ext. intros g _.
    rewrite (additive_or _ (adds g)) by assumption. ring.
Qed.
Lemma additive_gated (m : (R -> Prop) -> R) open : additive m -> additive (fun s => m (fun x => s (gated open x))).
Proof.
  intros adds. split.
  - intros s s' same borel_s. apply additive_same; [assumption|intros x; apply same|now apply borel_gated].
  - intros s s' borel_s borel_s' apart.
    apply (additive_or m adds); [now apply borel_gated|now apply borel_gated|intros x; apply apart].
Qed.

Section PlaneGates.
Context (gates : law (bool * bool)) (L : plane_law).

(** P(g x in s and h y in t): the average over the gates of the probability that the neurons lie in the preimages. *)
Definition behind_rectangle (s t : R -> Prop) : R :=
  expectation gates (fun gh => L (fun x => s (gated (fst gh) x)) (fun y => t (gated (snd gh) y))).

Lemma behind_rectangle_nonneg s t : borel s -> borel t -> 0 <= behind_rectangle s t.
Proof.
  intros borel_s borel_t. apply sum_nonneg. intros gh _. apply Rmult_le_pos; [apply mass_nonneg|].
  now apply rectangle_nonneg; apply borel_gated.
Qed.
Lemma behind_rectangle_total : behind_rectangle (fun _ => True) (fun _ => True) = 1.
Proof.
  unfold behind_rectangle. rewrite (rectangle_total L). apply expectation_const.
Qed.
Lemma behind_rectangle_first t : borel t -> additive (fun s => behind_rectangle s t).
Proof.
  intros borel_t. apply (additive_average gates (fun gh s => L (fun x => s (gated (fst gh) x)) _)). intros gh.
  apply (additive_gated (fun s => L s _)), rectangle_first. now apply borel_gated.
Qed.
Lemma behind_rectangle_second s : borel s -> additive (fun t => behind_rectangle s t).
Proof.
  intros borel_s. apply (additive_average gates (fun gh t => L _ (fun y => t (gated (snd gh) y)))). intros gh.
  apply (additive_gated (fun t => L _ t)), rectangle_second. now apply borel_gated.
Qed.

(** The law of (g x, h y). *)
Definition plane_behind : plane_law :=
  PlaneLaw behind_rectangle behind_rectangle_nonneg behind_rectangle_total behind_rectangle_first
           behind_rectangle_second.

(** Its quantised pairs are those of the neurons behind gates. *)
Theorem plane_behind_quantised f k : borel_quantiser f -> borel_quantiser k ->
  same_law (quantised (plane_neurons plane_behind) f k) (quantised (neurons_behind gates (plane_neurons L)) f k).
Proof.
  intros Qf Qk [i j]. transitivity (level_mass plane_behind f k (i, j)); [now apply plane_quantised_mass|].
  unfold neurons_behind, quantised, gated_quantised, behind_marked. rewrite mass_push, expectation_product.
  apply expectation_ext. intros [g h] _. simpl.
  set (phi := fun a : nat => if g then a else f 0). set (psi := fun b : nat => if h then b else k 0).
  transitivity (mass (push (pair_map phi psi) (plane_quantised L f k)) (i, j)); [|apply mass_push].
  rewrite plane_quantised_push by assumption.
  assert (same_x : forall x, f (gated g x) = i <-> phi (f x) = i)
    by (intros x; unfold gated, phi; destruct g; [now rewrite Rmult_1_l|now rewrite Rmult_0_l]).
  assert (same_y : forall y, k (gated h y) = j <-> psi (k y) = j)
    by (intros y; unfold gated, psi; destruct h; [now rewrite Rmult_1_l|now rewrite Rmult_0_l]).
  pose proof (borel_gated g (fun x => f x = i) (proj2 Qf i)) as borel_i.
  pose proof (borel_gated h (fun y => k y = j) (proj2 Qk j)) as borel_j.
  rewrite (additive_same _ (rectangle_first L _ borel_j) _ _ same_x borel_i).
  apply (additive_same _ (rectangle_second L _ (proj2 (borel_quantiser_coarser phi f Qf) i)) _ _ same_y borel_j).
Qed.
Lemma plane_behind_infinite :
  infinite_information (neurons_behind gates (plane_neurons L)) -> infinite_information (plane_neurons plane_behind).
Proof.
  intros unbounded bound. destruct (unbounded bound) as (i & (f & k & Qf & Qk & ->) & far).
  rewrite <- (mutual_information_same_law _ _ (plane_behind_quantised f k Qf Qk)) in far.
  exists (mutual_information (quantised (plane_neurons plane_behind) f k)). split; [|exact far]. now exists f, k.
Qed.
Lemma plane_behind_information I :
  is_information (neurons_behind gates (plane_neurons L)) I -> is_information (plane_neurons plane_behind) I.
Proof.
  intros [above least].
  split; [intros i told; apply above|intros bound bounds; apply least; intros i told; apply bounds];
    destruct told as (f & k & Qf & Qk & ->); exists f, k; (split; [exact Qf|split; [exact Qk|]]); [|symmetry];
    apply mutual_information_same_law; now apply plane_behind_quantised.
Qed.
End PlaneGates.

(** ** The claims, for every probability law on the plane *)

(** The mutual information of a law on the plane: the supremum over finite Borel quantisations. *)
Definition plane_information (L : plane_law) (I : R) : Prop := is_information (plane_neurons L) I.

(** Dropout of means q and s multiplies the mutual information of two neurons by q s, whatever their law - discrete,
    continuous or mixed. [no_atoms_on_axes]: P(x=0) = P(y=0) = 0, or the gate would hide behind the neuron's zeros. *)
Theorem c01_mi_quadratic_plane (L : plane_law) q s Hq Hs I :
  no_atoms_on_axes L -> plane_information L I ->
  plane_information (plane_behind (independent_gates q s Hq Hs) L) (q * s * I).
Proof.
  intros no_zero information. apply plane_behind_information, c01_mi_quadratic_any_law; [|assumption].
  now apply plane_no_atoms.
Qed.
(** The same keep probability for both: a factor keep^2. *)
Corollary c01_mi_keep_squared_plane (L : plane_law) keep Hkeep I :
  no_atoms_on_axes L -> plane_information L I ->
  plane_information (plane_behind (independent_gates keep keep Hkeep Hkeep) L) (keep ^ 2 * I).
Proof.
  intros no_zero information. apply plane_behind_information, c01_mi_keep_squared_any_law; [|assumption].
  now apply plane_no_atoms.
Qed.
(** Infinite information, as a continuous neuron has about itself, stays infinite.
    [0 < q], [0 < s]: behind a gate that is always closed nothing is left. *)
Theorem c01_mi_infinite_plane (L : plane_law) q s Hq Hs :
  0 < q -> 0 < s -> no_atoms_on_axes L -> infinite_information (plane_neurons L) ->
  infinite_information (plane_neurons (plane_behind (independent_gates q s Hq Hs) L)).
Proof.
  intros Pq Ps no_zero unbounded. apply plane_behind_infinite, c01_mi_infinite_any_law; try assumption.
  now apply plane_no_atoms.
Qed.
(** With atoms at zero, as after ReLU: at most q s times. *)
Theorem c05_atom_bound_plane (L : plane_law) q s Hq Hs I :
  plane_information L I ->
  exists I', plane_information (plane_behind (independent_gates q s Hq Hs) L) I' /\ I' <= q * s * I.
Proof.
  intros information. destruct (c05_atom_bound_any_law (plane_neurons L) q s Hq Hs I information) as (I' & has & le).
  exists I'. split; [now apply plane_behind_information|assumption].
Qed.
(** One gate for both, as in spatial dropout: H_b(q) + q I. *)
Theorem c06_shared_gate_plane (L : plane_law) q Hq I :
  no_atoms_on_axes L -> plane_information L I ->
  plane_information (plane_behind (shared_gate q Hq) L) (binary_entropy q + q * I).
Proof.
  intros no_zero information. apply plane_behind_information, c06_shared_gate_any_law; [|assumption].
  now apply plane_no_atoms.
Qed.
