(** c08 for neurons of any law: discrete, continuous or mixed.

    As in any_law.v the neurons are given by what they are when quantised: the total correlation of any n random
    variables is the supremum of that of their quantised values, and one quantiser for all n is enough, for of two can
    always be made one that is finer than both. So n neurons are a law on lists of n numbers for each quantiser,
    such that a coarser quantiser gives the image of the law that a finer one gives. Finite laws are among them
    (c08_any_law_finite.v) and all pairs of any_law.v (c08_pair_any_law.v). That every probability law on n-space is,
    by its values on boxes of Borel sets, is said here and not proved; plane_law.v proves it for two. *)
From Coq Require Import Reals List Lra Lia.
From Coq Require Cantor.
From Iclab Require Export any_law c08_pair.
Import ListNotations.
Open Scope R_scope.

Record population (Q : quantisers) (n : nat) := Population {
  quantised_all : (R -> nat) -> law (list nat);
  all_there : forall f x, Q f -> 0 < mass (quantised_all f) x -> length x = n;
  consistent_all : forall (f f' : R -> nat) (phi : nat -> nat), Q f -> (forall x, f' x = phi (f x)) ->
    same_law (quantised_all f') (push (map phi) (quantised_all f))
}.
Arguments quantised_all {Q n}. Arguments all_there {Q n}. Arguments consistent_all {Q n}.

(** The i-th neuron reads the i-th number. *)
Definition coordinates (n : nat) : list (list nat -> nat) := map (fun i x => nth i x O) (seq 0 n).

(** TC(x_s), and its supremum over quantisers. *)
Definition told {Q n} (P : population Q n) (f : R -> nat) (s : list bool) : R :=
  total_correlation (quantised_all P f) (select s (coordinates n)).
Definition is_total_correlation {Q n} (P : population Q n) (s : list bool) (T : R) : Prop :=
  is_lub (fun t => exists f, Q f /\ t = told P f s) T.
(** The pattern that leaves all n. *)
Definition everyone (n : nat) : list bool := repeat true n.

(** P(x_i = 0) = 0 for each i. *)
Definition no_atom_at_zero {Q n} (P : population Q n) : Prop :=
  forall i, (i < n)%nat -> mass (push (fun x => nth i x O) (quantised_all P (at_point 0))) 1%nat = 0.

(** * Total correlation of functions of the outcome *)

Lemma total_correlation_ext {I W A} `{eq_dec A} (p : law W) (l : list I) (F K : I -> W -> A) :
  (forall i w, In i l -> 0 < mass p w -> F i w = K i w) ->
  total_correlation p (map F l) = total_correlation p (map K l).
Proof.
  intros same. unfold total_correlation. rewrite !sum_map. f_equal.
  - apply sum_ext. intros i Hi. apply entropy_same_law, push_ext. auto.
  - apply entropy_same_law, push_ext. intros w Hw. unfold values. rewrite !map_map. apply map_ext_in. auto.
Qed.

Lemma total_correlation_push {V W A} `{eq_dec W} `{eq_dec A} (m : V -> W) (p : law V) (fs : list (W -> A)) :
  total_correlation (push m p) fs = total_correlation p (map (fun f v => f (m v)) fs).
Proof.
  unfold total_correlation. rewrite sum_map. f_equal.
  - apply sum_ext. intros f _. apply entropy_same_law, push_push.
  - apply entropy_same_law. intros c. rewrite push_push. apply push_ext. intros v _. unfold values.
    now rewrite map_map.
Qed.

Lemma total_correlation_same_law {W A} `{eq_dec W} `{eq_dec A} (p r : law W) (fs : list (W -> A)) :
  same_law p r -> total_correlation p fs = total_correlation r fs.
Proof.
  intros same. unfold total_correlation. f_equal; [apply sum_ext; intros f _|];
    apply entropy_same_law, push_same_law, same.
Qed.

Lemma select_map {A B} (h : A -> B) s l : select s (map h l) = map h (select s l).
Proof. revert l. induction s as [|[] s IH]; intros [|a l]; cbn; rewrite ?IH; reflexivity. Qed.
Lemma select_in {A} (a : A) s l : In a (select s l) -> In a l.
Proof.
  revert l. induction s as [|[] s IH]; intros [|b l]; cbn; try tauto; [intros [e | Hin]; auto | auto].
Qed.
Lemma coordinates_in n c : In c (coordinates n) -> exists i, (i < n)%nat /\ c = (fun x => nth i x O).
Proof. intros Hc. apply in_map_iff in Hc as [i [<- Hi]]. apply in_seq in Hi. exists i. split; [lia | reflexivity]. Qed.
Lemma coordinates_length n : length (coordinates n) = n.
Proof. unfold coordinates. now rewrite map_length, seq_length. Qed.
Lemma select_everyone n : select (everyone n) (coordinates n) = coordinates n.
Proof. assert (all := select_all (coordinates n)). now rewrite coordinates_length in all. Qed.

(** Suprema add up, for quantisers can be joined. *)
Lemma sum_of_suprema {Q : quantisers} (seen : (R -> nat) -> list bool -> R)
  (seen_left : forall f k s, Q f -> Q k -> seen f s <= seen (joined f k) s)
  (seen_right : forall f k s, Q f -> Q k -> seen k s <= seen (joined f k) s)
  (c T : list bool -> R) (l : list (list bool)) bound :
  (forall s, In s l -> 0 <= c s) -> (forall s, In s l -> is_lub (fun t => exists f, Q f /\ t = seen f s) (T s)) ->
  (forall f, Q f -> sum l (fun s => c s * seen f s) <= bound) -> sum l (fun s => c s * T s) <= bound.
Proof.
  revert bound. induction l as [|s l IH]; intros bound weights suprema bounded.
  - apply (bounded (at_point 0)), admissible_point.
  - cbn [sum]. set (rest := sum l (fun s => c s * T s)).
    assert (c_s : 0 <= c s) by (apply weights; now left).
    assert (each : forall f, Q f -> c s * seen f s <= bound - rest).
    { intros f Qf. enough (rest <= bound - c s * seen f s) by lra.
      apply IH; [intros; apply weights; now right | intros; apply suprema; now right |].
      intros k Qk. assert (whole := bounded (joined f k) (admissible_joined Q f k Qf Qk)). cbn [sum] in whole.
      assert (c s * seen f s <= c s * seen (joined f k) s)
        by (apply Rmult_le_compat_l; [exact c_s | now apply seen_left]).
      enough (sum l (fun s => c s * seen k s) <= sum l (fun s => c s * seen (joined f k) s)) by lra.
      apply sum_le. intros t Ht. apply Rmult_le_compat_l; [apply weights; now right | now apply seen_right]. }
    destruct c_s as [positive | zero].
    + enough (below : T s <= (bound - rest) / c s).
      { apply Rmult_le_compat_l with (r := c s) in below; [|lra].
        replace (c s * ((bound - rest) / c s)) with (bound - rest) in below by (field; lra). lra. }
      destruct (suprema s) as [_ least]; [now left|]. apply least. intros t [f [Qf ->]].
      apply Rmult_le_reg_l with (c s); [exact positive|].
      replace (c s * ((bound - rest) / c s)) with (bound - rest) by (field; lra). now apply each.
    + specialize (each (at_point 0) (admissible_point Q 0)). rewrite <- zero in *. lra.
Qed.

Section Population.
Context {Q : quantisers} {n : nat} (P : population Q n).

(** A coarser quantiser tells less. *)
Lemma told_coarser (f f' : R -> nat) (phi : nat -> nat) s :
  Q f -> (forall x, f' x = phi (f x)) -> told P f' s <= told P f s.
Proof.
  intros Qf coarser. unfold told. assert (same := consistent_all P f f' phi Qf coarser).
  rewrite (total_correlation_same_law _ _ _ same), total_correlation_push.
  rewrite (total_correlation_ext _ _ _ (fun c x => phi (c x))); [apply total_correlation_mapped_le|].
  intros c x Hc Hx. apply select_in, coordinates_in in Hc as [i [Hi ->]].
  rewrite (nth_indep _ _ (phi O)); [apply map_nth|]. rewrite map_length, (all_there P f x Qf Hx). exact Hi.
Qed.

Lemma told_joined_left f k s : Q f -> Q k -> told P f s <= told P (joined f k) s.
Proof.
  intros Qf Qk. apply told_coarser with (fun m => fst (Cantor.of_nat m)); [apply admissible_joined; assumption|].
  intros x. unfold joined. now rewrite Cantor.cancel_of_to.
Qed.
Lemma told_joined_right f k s : Q f -> Q k -> told P k s <= told P (joined f k) s.
Proof.
  intros Qf Qk. apply told_coarser with (fun m => snd (Cantor.of_nat m)); [apply admissible_joined; assumption|].
  intros x. unfold joined. now rewrite Cantor.cancel_of_to.
Qed.

(** Told also where the neurons are zero, they have no mass there. *)
Lemma marked_no_atom f i : Q f -> no_atom_at_zero P -> (i < n)%nat ->
  no_atom (push (fun x => around (marked f 0) (nth i x O)) (quantised_all P (marked f))).
Proof.
  intros Qf no_zero Hi. assert (Qm := marked_admissible f Qf). unfold no_atom.
  destruct (mass_nonneg (push (fun x => around (marked f 0) (nth i x O)) (quantised_all P (marked f))) 0)
    as [positive | zero]; [exfalso | symmetry; exact zero].
  apply push_positive in positive as [x [Hx e]]. specialize (no_zero i Hi).
  assert (at_zero : nth i x O = marked f 0)
    by (apply (around_injective (marked f 0)); rewrite e; unfold around; ring).
  apply (push_image_positive (map mark)) in Hx as Hmark.
  rewrite <- (consistent_all P (marked f) (at_point 0) mark Qm (mark_marked f)) in Hmark.
  apply (push_image_positive (fun x => nth i x O)) in Hmark.
  rewrite (nth_indep _ _ (mark O)), map_nth, at_zero, <- mark_marked in Hmark.
  - unfold at_point in Hmark at 2. destruct (equal 0 0); [lra | congruence].
  - rewrite map_length, (all_there P (marked f) x Qm Hx). exact Hi.
Qed.
End Population.

(** * Behind gates *)

(** A closed gate shows a, the quantiser's value at zero. *)
Definition shown_all (a : nat) (s : list bool) (x : list nat) : list nat :=
  map (fun bi : bool * nat => if fst bi then snd bi else a) (combine s x).

Lemma shown_all_nth a s x i : length s = length x -> (i < length x)%nat ->
  nth i (shown_all a s x) O = if nth i s false then nth i x O else a.
Proof.
  revert x i. induction s as [|b s IH]; intros [|k x] i e lt; cbn in *; try lia.
  destruct i as [|i]; [reflexivity|]. apply IH; lia.
Qed.
Lemma shown_all_length a s x : length s = length x -> length (shown_all a s x) = length x.
Proof. intros e. unfold shown_all. rewrite map_length, combine_length. lia. Qed.
Lemma shown_all_map phi a s x : shown_all (phi a) s (map phi x) = map phi (shown_all a s x).
Proof.
  revert x. induction s as [|b s IH]; intros [|k x]; cbn; try reflexivity.
  f_equal; [destruct b; reflexivity | apply IH].
Qed.
Lemma behind_map {I G W} (l : list I) (gs : I -> G -> bool) (fs : I -> W -> R) :
  behind (map gs l) (map fs l) = map (fun i w => gated (gs i (fst w)) (fs i (snd w))) l.
Proof. induction l as [|i l IH]; [reflexivity|]. unfold behind in *. cbn. f_equal. exact IH. Qed.

Section Behind.
Context {Q : quantisers} {n : nat} (P : population Q n) (qs : list R) (means : probabilities qs).
Context (one_each : length qs = n).

Definition gated_all (f : R -> nat) : law (list nat) :=
  push (fun w => shown_all (f 0) (fst w) (snd w)) (with_gates qs means (quantised_all P f)).

Lemma with_gates_lengths f w : Q f -> 0 < mass (with_gates qs means (quantised_all P f)) w ->
  length (fst w) = n /\ length (snd w) = n.
Proof.
  intros Qf Hw. cbn [mass with_gates product] in Hw.
  destruct (mass_nonneg (bernoulli_gates qs means) (fst w)) as [gates | none]; [|rewrite <- none in Hw; lra].
  destruct (mass_nonneg (quantised_all P f) (snd w)) as [values | none]; [|rewrite <- none in Hw; lra].
  split; [|apply (all_there P f); assumption]. rewrite <- one_each. apply subsets_length, (mass_in_support _ _ gates).
Qed.

Lemma gated_all_there f x : Q f -> 0 < mass (gated_all f) x -> length x = n.
Proof.
  intros Qf Hx. apply push_positive in Hx as [w [Hw <-]]. apply with_gates_lengths in Hw as [es ex]; [|exact Qf].
  rewrite shown_all_length; congruence.
Qed.

Lemma gated_all_consistent (f f' : R -> nat) (phi : nat -> nat) : Q f -> (forall x, f' x = phi (f x)) ->
  same_law (gated_all f') (push (map phi) (gated_all f)).
Proof.
  intros Qf coarser x. unfold gated_all, with_gates.
  rewrite (push_same_law _ _ _ (product_same_law _ _ _ (consistent_all P f f' phi Qf coarser))).
  rewrite product_push, push_push. apply push_ext. intros w _. cbn [fst snd]. rewrite coarser. apply shown_all_map.
Qed.

(** The neurons of any law, each behind its own gate. *)
Definition population_behind : population Q n := Population Q n gated_all gated_all_there gated_all_consistent.

(** Around the value at zero the quantised neurons are real ones, and gated_all is what c08 speaks of. *)
Lemma told_behind f : Q f ->
  told population_behind f (everyone n) =
  total_correlation (with_gates qs means (quantised_all P f)) (dropped (mapped (around (f 0)) (coordinates n))).
Proof.
  intros Qf. unfold told. rewrite select_everyone. cbn [quantised_all population_behind]. unfold gated_all.
  rewrite total_correlation_push. unfold coordinates at 1. rewrite map_map.
  rewrite <- (total_correlation_mapped (around (f 0))) by (intros c v w _ _ _; apply around_injective).
  unfold dropped, mapped, bits, coordinates. rewrite !map_length, seq_length, !map_map, behind_map.
  apply total_correlation_ext. intros i w Hi Hw. apply in_seq in Hi.
  apply with_gates_lengths in Hw as [es ex]; [|exact Qf]. rewrite around_gated, shown_all_nth by lia. reflexivity.
Qed.

Lemma told_select f s :
  total_correlation (quantised_all P f) (select s (mapped (around (f 0)) (coordinates n))) = told P f s.
Proof.
  unfold mapped. rewrite select_map. apply total_correlation_mapped. intros c v w _ _ _. apply around_injective.
Qed.

Lemma told_behind_le f : Q f ->
  told population_behind f (everyone n) <= sum (subsets n) (fun s => chance_of qs s * told P f s).
Proof.
  intros Qf. rewrite told_behind by exact Qf.
  assert (count : length (mapped (around (f 0)) (coordinates n)) = n)
    by (unfold mapped; rewrite map_length; apply coordinates_length).
  eapply Rle_trans; [apply c08_total_correlation_bound; congruence|]. rewrite count. right.
  apply sum_ext. intros s _. f_equal. apply told_select.
Qed.

Lemma told_behind_marked f : Q f -> no_atom_at_zero P ->
  told population_behind (marked f) (everyone n) = sum (subsets n) (fun s => chance_of qs s * told P (marked f) s).
Proof.
  intros Qf no_zero. assert (Qm := marked_admissible f Qf). rewrite told_behind by exact Qm.
  assert (count : length (mapped (around (marked f 0)) (coordinates n)) = n)
    by (unfold mapped; rewrite map_length; apply coordinates_length).
  rewrite c08_total_correlation; [| congruence |].
  - rewrite count. apply sum_ext. intros s _. f_equal. apply told_select.
  - intros h Hh. unfold mapped in Hh. apply in_map_iff in Hh as [c [<- Hc]]. apply coordinates_in in Hc as [i [Hi ->]].
    now apply marked_no_atom.
Qed.

Lemma weights_nonneg s : 0 <= chance_of qs s.
Proof. apply chance_of_nonneg, means. Qed.

(** Neurons of any law without atoms at zero, behind independent gates: TC(x') is the sum over the subsets s of
    P(s) TC(x_s).
    The hypothesis on T says that each TC(x_s) is finite; TC(x') then is, too. *)
Theorem c08_total_correlation_any_law (T : list bool -> R) :
  no_atom_at_zero P -> (forall s, In s (subsets n) -> is_total_correlation P s (T s)) ->
  is_total_correlation population_behind (everyone n) (sum (subsets n) (fun s => chance_of qs s * T s)).
Proof.
  intros no_zero suprema. split.
  - intros t [f [Qf ->]]. eapply Rle_trans; [apply told_behind_le, Qf|].
    apply sum_le. intros s Hs. apply Rmult_le_compat_l; [apply weights_nonneg|]. apply (suprema s Hs). exists f. auto.
  - intros bound bounds. apply (sum_of_suprema (told P) (told_joined_left P) (told_joined_right P));
      [intros; apply weights_nonneg | exact suprema |].
    intros f Qf. apply Rle_trans with (told population_behind (marked f) (everyone n)).
    + rewrite told_behind_marked by assumption. apply sum_le. intros s _.
      apply Rmult_le_compat_l; [apply weights_nonneg|].
      apply told_coarser with value; [apply marked_admissible, Qf | apply value_marked].
    + apply bounds. exists (marked f). split; [apply marked_admissible, Qf | reflexivity].
Qed.

(** With atoms at zero, as after ReLU, it is at most that. *)
Theorem c08_total_correlation_bound_any_law (T : list bool -> R) :
  (forall s, In s (subsets n) -> is_total_correlation P s (T s)) ->
  exists T', is_total_correlation population_behind (everyone n) T' /\
             T' <= sum (subsets n) (fun s => chance_of qs s * T s).
Proof.
  intros suprema.
  assert (bounds : is_upper_bound (fun t => exists f, Q f /\ t = told population_behind f (everyone n))
                                  (sum (subsets n) (fun s => chance_of qs s * T s))).
  { intros t [f [Qf ->]]. eapply Rle_trans; [apply told_behind_le, Qf|].
    apply sum_le. intros s Hs. apply Rmult_le_compat_l; [apply weights_nonneg|].
    apply (suprema s Hs). exists f. auto. }
  destruct (completeness (fun t => exists f, Q f /\ t = told population_behind f (everyone n))) as [T' lub].
  - exists (sum (subsets n) (fun s => chance_of qs s * T s)). exact bounds.
  - exists (told population_behind (at_point 0) (everyone n)), (at_point 0).
    split; [apply admissible_point | reflexivity].
  - exists T'. split; [exact lub | apply lub, bounds].
Qed.
End Behind.

(** Gates of one mean q: the weights are q^|s| (1-q)^(n-|s|). *)
Corollary c08_total_correlation_equal_means_any_law {Q n} (P : population Q n) q (Hq : 0 <= q <= 1)
  (T : list bool -> R) :
  no_atom_at_zero P -> (forall s, In s (subsets n) -> is_total_correlation P s (T s)) ->
  is_total_correlation (population_behind P (repeat q n) (equal_means n q Hq) (repeat_length q n)) (everyone n)
    (sum (subsets n) (fun s => q ^ size s * (1 - q) ^ (n - size s) * T s)).
Proof.
  intros no_zero suprema.
  rewrite (sum_ext _ _ (fun s => chance_of (repeat q n) s * T s)) by (intros s Hs; now rewrite chance_of_equal).
  now apply c08_total_correlation_any_law.
Qed.
