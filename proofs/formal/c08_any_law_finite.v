(** c08: finite laws are among those of c08_any_law.v; and total correlation that is infinite stays so. *)
From Coq Require Import Reals List Lra Lia.
From Iclab Require Export any_law_claims c08_any_law.
Import ListNotations.
Open Scope R_scope.

Section Finite.
Context (Q : quantisers) {W : Type} (p : law W) (fs : list (W -> R)).

Definition finite_quantised_all (f : R -> nat) : law (list nat) := push (fun w => map f (values fs w)) p.

Lemma finite_all_there f x : Q f -> 0 < mass (finite_quantised_all f) x -> length x = length fs.
Proof.
  intros _ Hx. apply push_positive in Hx as [w [_ <-]]. unfold values. now rewrite !map_length.
Qed.
Lemma finite_consistent_all (f f' : R -> nat) (phi : nat -> nat) : Q f -> (forall x, f' x = phi (f x)) ->
  same_law (finite_quantised_all f') (push (map phi) (finite_quantised_all f)).
Proof.
  intros _ coarser x. unfold finite_quantised_all. rewrite push_push. apply push_ext. intros w _.
  rewrite map_map. now apply map_ext.
Qed.
(** The neurons fs of a finite law. *)
Definition finite_population : population Q (length fs) :=
  Population Q (length fs) finite_quantised_all finite_all_there finite_consistent_all.

Lemma values_behind {G V} (gs : list (G -> bool)) (hs : list (V -> R)) v : length gs = length hs ->
  values (behind gs hs) v = map (fun bx => gated (fst bx) (snd bx)) (combine (values gs (fst v)) (values hs (snd v))).
Proof.
  revert hs. induction gs as [|g gs IH]; intros [|h hs] e; try discriminate; [reflexivity|].
  specialize (IH hs ltac:(auto)). unfold values, behind in *. cbn. f_equal. exact IH.
Qed.

Lemma list_by_places {A} (l : list A) d : map (fun i => nth i l d) (seq 0 (length l)) = l.
Proof.
  induction l as [|a l IH]; [reflexivity|]. cbn [length seq map nth]. f_equal.
  rewrite <- seq_shift, map_map. exact IH.
Qed.

Lemma told_finite f s : told finite_population f s = total_correlation p (mapped f (select s fs)).
Proof.
  unfold told. cbn [quantised_all finite_population]. unfold finite_quantised_all. rewrite total_correlation_push.
  replace (select s fs) with (map (fun i => nth i fs (fun _ => 0)) (select s (seq 0 (length fs))))
    by (now rewrite <- select_map, list_by_places).
  unfold mapped, coordinates. rewrite !select_map, !map_map.
  apply total_correlation_ext. intros i w Hi _. apply select_in, in_seq in Hi.
  rewrite (nth_indep _ _ (f 0)) by (unfold values; rewrite !map_length; lia). rewrite map_nth. f_equal.
  apply (map_nth (fun h => h w) fs (fun _ => 0)).
Qed.

(** Their total correlation by quantisation is the sum of the entropies less the joint entropy. *)
Theorem finite_total_correlation s : is_total_correlation finite_population s (total_correlation p (select s fs)).
Proof.
  split.
  - intros t [f [_ ->]]. rewrite told_finite. apply total_correlation_mapped_le.
  - intros bound bounds. destruct (separating_quantiser Q (flat_map (fun h => support (push h p)) fs))
    as (f & Qf & apart).
    apply bounds. exists f. split; [exact Qf|]. rewrite told_finite. symmetry. apply total_correlation_mapped.
    intros h v w Hh Hv Hw. apply select_in in Hh.
    apply apart; apply in_flat_map; exists h; (split; [exact Hh|]); now apply mass_in_support, push_image_positive.
Qed.

(** And no atom at zero means the same. *)
Theorem finite_no_atom : no_atom_in p fs -> no_atom_at_zero finite_population.
Proof.
  intros atoms i Hi. cbn [quantised_all finite_population]. unfold finite_quantised_all. rewrite push_push.
  specialize (atoms (nth i fs (fun _ => 0)) (nth_In _ _ Hi)). unfold no_atom in atoms.
  destruct (mass_nonneg (push (fun w => nth i (map (at_point 0) (values fs w)) O) p) 1%nat) as [positive | zero];
    [exfalso | now symmetry].
  apply push_positive in positive as [w [Hw e]]. apply (push_image_positive (nth i fs (fun _ => 0))) in Hw.
  rewrite (nth_indep _ _ (at_point 0 0)) in e by (unfold values; rewrite !map_length; lia). rewrite map_nth in e.
  unfold values in e.
  assert (at_i := map_nth (fun h : W -> R => h w) fs (fun _ => 0) i). cbv beta in at_i. rewrite at_i in e.
  unfold at_point in e. destruct (equal (nth i fs (fun _ => 0) w) 0) as [zero|]; [|discriminate].
  rewrite zero, atoms in Hw. lra.
Qed.

(** Gates on them are the gates of finite laws. *)
Theorem finite_population_behind qs means (one_each : length qs = length fs) f :
  same_law (quantised_all (population_behind finite_population qs means one_each) f)
           (push (fun v => map f (values (dropped fs) v)) (with_gates qs means p)).
Proof.
  intros x. cbn [quantised_all population_behind]. unfold gated_all. cbn [quantised_all finite_population].
  unfold finite_quantised_all, with_gates. rewrite product_push. apply push_ext. intros [s w] Hv. cbn [fst snd].
  assert (count : length s = length fs).
  { rewrite <- one_each. apply subsets_length, (mass_in_support (bernoulli_gates qs means)).
    destruct (mass_nonneg (bernoulli_gates qs means) s) as [positive | zero]; [exact positive|].
    cbn [mass product fst snd] in Hv. rewrite <- zero in Hv. lra. }
  unfold dropped. rewrite values_behind by now rewrite bits_length. cbn [fst snd].
  rewrite <- count, values_bits. unfold shown_all. generalize (values fs w). clear.
  induction s as [|open s IH]; intros [|a l]; try reflexivity. cbn. f_equal; [|apply IH].
  destruct open; cbn; f_equal; unfold gated; ring.
Qed.
End Finite.

(** * Infinite total correlation *)
Definition infinite_total_correlation {Q n} (P : population Q n) (s : list bool) : Prop :=
  forall bound, exists f, Q f /\ bound < told P f s.

Lemma chance_of_everyone qs : Forall (fun q => 0 < q) qs -> 0 < chance_of qs (everyone (length qs)).
Proof.
  intros positive. unfold everyone. induction positive as [|q qs Hq positive IH]; cbn; [lra|].
  now apply Rmult_lt_0_compat.
Qed.

Lemma sum_ge_one {A} `{eq_dec A} (l : list A) (f : A -> R) a :
  NoDup l -> In a l -> (forall b, In b l -> 0 <= f b) -> f a <= sum l f.
Proof.
  intros once Ha nonneg. rewrite <- (sum_pick l a f once) by contradiction. apply sum_le. intros b Hb.
  destruct (equal b a); [lra | auto].
Qed.

(** Infinite total correlation (a continuous neuron and a function of it) stays infinite behind gates.
    [Forall (fun q => 0 < q) qs]: the gates are open together now and then. *)
Theorem c08_total_correlation_infinite_any_law {Q n} (P : population Q n) qs means (one_each : length qs = n) :
  Forall (fun q => 0 < q) qs -> no_atom_at_zero P -> infinite_total_correlation P (everyone n) ->
  infinite_total_correlation (population_behind P qs means one_each) (everyone n).
Proof.
  intros positive no_zero unbounded bound. apply chance_of_everyone in positive. rewrite one_each in positive.
  set (all := chance_of qs (everyone n)) in *. destruct (unbounded (bound / all)) as (f & Qf & far).
  exists (marked f). split; [now apply marked_admissible|]. rewrite told_behind_marked by assumption.
  apply Rlt_le_trans with (all * told P f (everyone n)).
  - apply Rmult_lt_compat_l with (r := all) in far; [|exact positive].
    replace (all * (bound / all)) with bound in far by (field; lra). exact far.
  - apply Rle_trans with (all * told P (marked f) (everyone n)).
    + apply Rmult_le_compat_l; [lra|]. apply told_coarser with value;
      [now apply marked_admissible | apply value_marked].
    + apply (sum_ge_one (subsets n) (fun s => chance_of qs s * told P (marked f) s) (everyone n)).
      * apply subsets_once.
      * apply subsets_length, repeat_length.
      * intros s _. apply Rmult_le_pos; [now apply chance_of_nonneg | apply total_correlation_nonneg].
Qed.
