(** c08 for groups of neurons of any law. *)
From Coq Require Import Reals List Lra Lia.
From Coq Require Cantor.
From Iclab Require Export c08_any_law.
Import ListNotations.
Open Scope R_scope.

(** The neurons at some places; the places that a pattern leaves. *)
Definition at_places (l : list nat) : list (list nat -> nat) := map (fun i x => nth i x O) l.
Definition among (u : list bool) (l : list nat) : list nat := filter (fun i => nth i u false) l.

(** What the neurons at l tell of those at l', quantised; and its supremum over quantisers. *)
Definition told_groups {Q n} (P : population Q n) (f : R -> nat) (l l' : list nat) : R :=
  group_information (quantised_all P f) (at_places l) (at_places l').
Definition is_group_information {Q n} (P : population Q n) (l l' : list nat) (I : R) : Prop :=
  is_lub (fun i => exists f, Q f /\ i = told_groups P f l l') I.

(** * Information of groups of functions of the outcome *)

Lemma group_information_correlations {W A} `{eq_dec A} (p : law W) (fs ks : list (W -> A)) :
  group_information p fs ks = total_correlation p (fs ++ ks) - total_correlation p fs - total_correlation p ks.
Proof. rewrite group_information_entropies. unfold total_correlation. rewrite sum_app. ring. Qed.

Lemma group_information_ext {I W A} `{eq_dec A} (p : law W) (l l' : list I) (F K : I -> W -> A) :
  (forall i w, In i (l ++ l') -> 0 < mass p w -> F i w = K i w) ->
  group_information p (map F l) (map F l') = group_information p (map K l) (map K l').
Proof.
  intros same. rewrite !group_information_correlations, <- !map_app.
  rewrite (total_correlation_ext p (l ++ l') F K), (total_correlation_ext p l F K), (total_correlation_ext p l' F K);
    auto using in_or_app.
Qed.

Lemma group_information_push {V W A} `{eq_dec W} `{eq_dec A} (m : V -> W) (p : law V) (fs ks : list (W -> A)) :
  group_information (push m p) fs ks =
  group_information p (map (fun f v => f (m v)) fs) (map (fun f v => f (m v)) ks).
Proof. rewrite !group_information_correlations, !total_correlation_push, map_app. reflexivity. Qed.

Lemma group_information_same_law {W A} `{eq_dec W} `{eq_dec A} (p r : law W) (fs ks : list (W -> A)) :
  same_law p r -> group_information p fs ks = group_information r fs ks.
Proof.
  intros same. rewrite !group_information_correlations, !(total_correlation_same_law p r) by exact same. reflexivity.
Qed.

Lemma select_places {A} (F : nat -> A) (u : nat -> bool) l : select (map u l) (map F l) = map F (filter u l).
Proof. induction l as [|i l IH]; [reflexivity|]. cbn. destruct (u i); cbn; now rewrite IH. Qed.

(** * Independent gates on two groups of places *)
Definition bits_at (l : list nat) : list (list bool -> bool) := map (fun i s => nth i s false) l.

Lemma gates_of_groups m n qs means : length qs = (m + n)%nat ->
  group_information (bernoulli_gates qs means) (bits_at (seq 0 m)) (bits_at (seq m n)) = 0.
Proof.
  intros count. set (g := bernoulli_gates qs means).
  assert (together : total_correlation g (bits_at (seq 0 m) ++ bits_at (seq m n)) = 0).
  { assert (all := total_correlation_bits qs means). rewrite count in all. unfold bits in all.
    rewrite seq_app, map_app in all. exact all. }
  assert (nonneg := group_information_nonneg g (bits_at (seq 0 m)) (bits_at (seq m n))).
  rewrite group_information_correlations, together in *.
  assert (first := total_correlation_nonneg g (bits_at (seq 0 m))).
  assert (second := total_correlation_nonneg g (bits_at (seq m n))). lra.
Qed.

Lemma expectation_gates_places qs means (F : list bool -> R) :
  expectation (bernoulli_gates qs means) F = sum (subsets (length qs)) (fun u => chance_of qs u * F u).
Proof. reflexivity. Qed.

Section Population.
Context {Q : quantisers} {N : nat} (P : population Q N).

(** A coarser quantiser tells less. *)
Lemma told_groups_coarser (f f' : R -> nat) (phi : nat -> nat) l l' :
  Q f -> (forall x, f' x = phi (f x)) -> (forall i, In i (l ++ l') -> (i < N)%nat) ->
  told_groups P f' l l' <= told_groups P f l l'.
Proof.
  intros Qf coarser places. unfold told_groups.
  rewrite (group_information_same_law _ _ _ _ (consistent_all P f f' phi Qf coarser)), group_information_push.
  unfold at_places. rewrite !map_map.
  rewrite (group_information_ext _ _ _ _ (fun i x => phi (nth i x O))).
  - apply Rle_trans
      with (group_information (quantised_all P f) (mapped phi (at_places l)) (mapped phi (at_places l'))).
    + unfold mapped, at_places. rewrite !map_map. apply Rle_refl.
    + apply group_information_mapped_le.
  - intros i x Hi Hx. rewrite (nth_indep _ _ (phi O)); [apply map_nth|].
    rewrite map_length, (all_there P f x Qf Hx). auto.
Qed.
End Population.

Section Behind.
Context {Q : quantisers} {m n : nat} (P : population Q (m + n)) (qs : list R) (means : probabilities qs).
Context (one_each : length qs = (m + n)%nat).
(** The first m neurons, and the n others. *)
Let A := seq 0 m.
Let B := seq m n.

Lemma places i : In i (A ++ B) -> (i < m + n)%nat.
Proof. unfold A, B. rewrite in_app_iff, !in_seq. lia. Qed.
Lemma places_among u i : In i (among u A ++ among u B) -> (i < m + n)%nat.
Proof.
  intros Hi. apply places. apply in_app_iff in Hi. apply in_app_iff. unfold among in Hi.
  rewrite !filter_In in Hi. tauto.
Qed.

(** What is behind the gates, around the value of zero. *)
Let real f l := mapped (around (f 0)) (at_places l).
Let hidden f l := behind (bits_at l) (real f l).

Lemma told_groups_hidden f : Q f ->
  told_groups (population_behind P qs means one_each) f A B =
  group_information (with_gates qs means (quantised_all P f)) (hidden f A) (hidden f B).
Proof.
  intros Qf. unfold told_groups. cbn [quantised_all population_behind]. unfold gated_all.
  rewrite group_information_push. unfold at_places. rewrite !map_map.
  rewrite <- (group_information_mapped (around (f 0))) by (intros c v w _ _ _; apply around_injective).
  unfold hidden, real, bits_at, at_places, mapped. rewrite !map_map, !behind_map.
  apply group_information_ext. intros i w Hi Hw. apply places in Hi.
  apply (with_gates_lengths P qs means one_each) in Hw as [es ex]; [|exact Qf].
  rewrite around_gated, shown_all_nth by lia. reflexivity.
Qed.

Lemma free_gates : group_information (bernoulli_gates qs means) (bits_at A) (bits_at B) = 0.
Proof. exact (gates_of_groups m n qs means one_each). Qed.

Lemma one_gate_each f l : length (bits_at l) = length (real f l).
Proof. unfold bits_at, real, mapped, at_places. now rewrite !map_length. Qed.

Lemma expected_groups f :
  expectation (bernoulli_gates qs means) (fun v => group_information (quantised_all P f)
    (select (values (bits_at A) v) (real f A)) (select (values (bits_at B) v) (real f B))) =
  sum (subsets (m + n)) (fun u => chance_of qs u * told_groups P f (among u A) (among u B)).
Proof.
  rewrite expectation_gates_places, one_each. apply sum_ext. intros u _. f_equal. unfold told_groups.
  rewrite <- (group_information_mapped (around (f 0)) _ (at_places (among u A)))
    by (intros c v w _ _ _; apply around_injective).
  unfold real, values, bits_at, mapped, at_places, among. rewrite !map_map, !select_places. reflexivity.
Qed.

Lemma told_groups_behind_le f : Q f ->
  told_groups (population_behind P qs means one_each) f A B <=
  sum (subsets (m + n)) (fun u => chance_of qs u * told_groups P f (among u A) (among u B)).
Proof.
  intros Qf. rewrite told_groups_hidden, <- expected_groups by exact Qf.
  eapply Rle_trans; [apply group_information_behind_le; apply one_gate_each|].
  rewrite free_gates. lra.
Qed.

Lemma told_groups_behind_marked f : Q f -> no_atom_at_zero P ->
  told_groups (population_behind P qs means one_each) (marked f) A B =
  sum (subsets (m + n)) (fun u => chance_of qs u * told_groups P (marked f) (among u A) (among u B)).
Proof.
  intros Qf no_zero. rewrite told_groups_hidden, <- expected_groups by now apply marked_admissible.
  unfold with_gates, hidden. rewrite group_information_behind; try apply one_gate_each.
  - rewrite free_gates. lra.
  - unfold real, mapped, at_places. rewrite !map_map, <- map_app. intros h Hh. apply in_map_iff in Hh as [i [<- Hi]].
    apply (marked_no_atom P f i Qf no_zero). now apply places.
Qed.

(** Neurons of any law without atoms at zero, behind independent gates: what the first m tell of the n others is the
    sum, over the subsets u of all of them, of P(u) times what those of the first in u tell of those of the others
    in u. The hypothesis on I says that each of these is finite. *)
Theorem c08_group_information_any_law (I : list bool -> R) :
  no_atom_at_zero P -> (forall u, In u (subsets (m + n)) -> is_group_information P (among u A) (among u B) (I u)) ->
  is_group_information (population_behind P qs means one_each) A B
    (sum (subsets (m + n)) (fun u => chance_of qs u * I u)).
Proof.
  intros no_zero suprema. split.
  - intros i [f [Qf ->]]. eapply Rle_trans; [apply told_groups_behind_le, Qf|].
    apply sum_le. intros u Hu. apply Rmult_le_compat_l; [apply chance_of_nonneg, means|].
    apply (suprema u Hu). exists f. auto.
  - intros bound bounds.
    apply (sum_of_suprema (Q := Q) (fun f u => told_groups P f (among u A) (among u B)));
      [| | intros; apply chance_of_nonneg, means | exact suprema |].
    + intros f k u Qf Qk. apply told_groups_coarser with (fun i => fst (Cantor.of_nat i)).
      * now apply admissible_joined.
      * intros x. unfold joined. now rewrite Cantor.cancel_of_to.
      * apply places_among.
    + intros f k u Qf Qk. apply told_groups_coarser with (fun i => snd (Cantor.of_nat i)).
      * now apply admissible_joined.
      * intros x. unfold joined. now rewrite Cantor.cancel_of_to.
      * apply places_among.
    + intros f Qf.
      apply Rle_trans with (told_groups (population_behind P qs means one_each) (marked f) A B).
      * rewrite told_groups_behind_marked by assumption. apply sum_le. intros u _.
        apply Rmult_le_compat_l; [apply chance_of_nonneg, means|].
        apply told_groups_coarser with value; [now apply marked_admissible | apply value_marked | apply places_among].
      * apply bounds. exists (marked f). split; [now apply marked_admissible | reflexivity].
Qed.

(** With atoms at zero, as after ReLU, it is at most that. *)
Theorem c08_group_information_bound_any_law (I : list bool -> R) :
  (forall u, In u (subsets (m + n)) -> is_group_information P (among u A) (among u B) (I u)) ->
  exists I', is_group_information (population_behind P qs means one_each) A B I' /\
             I' <= sum (subsets (m + n)) (fun u => chance_of qs u * I u).
Proof.
  intros suprema.
  set (after := fun i => exists f, Q f /\ i = told_groups (population_behind P qs means one_each) f A B).
  assert (bounds : is_upper_bound after (sum (subsets (m + n)) (fun u => chance_of qs u * I u))).
  { intros i [f [Qf ->]]. eapply Rle_trans; [apply told_groups_behind_le, Qf|].
    apply sum_le. intros u Hu. apply Rmult_le_compat_l; [apply chance_of_nonneg, means|].
    apply (suprema u Hu). exists f. auto. }
  destruct (completeness after) as [I' lub].
  - eexists. exact bounds.
  - eexists. exists (at_point 0). split; [apply admissible_point | reflexivity].
  - exists I'. split; [exact lub | apply lub, bounds].
Qed.
End Behind.
