(** Patterns of open gates: the subsets of n places, and n independent gates as a law on them. *)
From Coq Require Import Reals List Lra Lia.
From Iclab Require Export survivors.
Import ListNotations.
Open Scope R_scope.

(** A subset of n places is a list of n booleans. *)
Fixpoint subsets (n : nat) : list (list bool) :=
  match n with
  | O => [[]]
  | S m => map (cons true) (subsets m) ++ map (cons false) (subsets m)
  end.
(** The number of its places. *)
Definition size (s : list bool) : nat := count_occ Bool.bool_dec s true.

(** P(s): gates of means qs, each for itself, are open on s and closed elsewhere. *)
Fixpoint chance_of (qs : list R) (s : list bool) : R :=
  match qs, s with
  | [], [] => 1
  | q :: qs', open :: s' => (if open then q else 1 - q) * chance_of qs' s'
  | _, _ => 0
  end.

Definition probabilities (qs : list R) : Prop := Forall (fun q => 0 <= q <= 1) qs.

Lemma subsets_length n s : In s (subsets n) <-> length s = n.
Proof.
  revert s. induction n as [|n IH]; intros s; cbn.
  - destruct s; cbn; intuition discriminate.
  - rewrite in_app_iff, !in_map_iff. split.
    + intros [[t [<- Ht]] | [t [<- Ht]]]; cbn; f_equal; apply IH, Ht.
    + destruct s as [|[] s]; intros e; [discriminate | left | right]; exists s; split; auto; apply IH; auto.
Qed.

Lemma subsets_once n : NoDup (subsets n).
Proof.
  induction n as [|n IH]; [repeat constructor; intros []|]. cbn. apply app_once.
  - apply FinFun.Injective_map_NoDup; [intros s t e; congruence | exact IH].
  - apply FinFun.Injective_map_NoDup; [intros s t e; congruence | exact IH].
  - intros s Hs Ht. apply in_map_iff in Hs as [t [<- _]]. apply in_map_iff in Ht as [u [e _]]. discriminate.
Qed.

Lemma sum_subsets n (f : list bool -> R) :
  sum (subsets (S n)) f = sum (subsets n) (fun s => f (true :: s)) + sum (subsets n) (fun s => f (false :: s)).
Proof. cbn. rewrite sum_app, !sum_map. reflexivity. Qed.

Lemma chance_of_nonneg qs s : probabilities qs -> 0 <= chance_of qs s.
Proof.
  intros H. revert s. induction H as [|q qs Hq H IH]; intros [|open s]; cbn; try lra.
  apply Rmult_le_pos; [destruct open; lra | apply IH].
Qed.

Lemma chance_of_off qs s : length s <> length qs -> chance_of qs s = 0.
Proof.
  revert s. induction qs as [|q qs IH]; intros [|open s] H; cbn in *; try reflexivity; [congruence|].
  rewrite IH by congruence. ring.
Qed.

Lemma chance_of_total qs : sum (subsets (length qs)) (chance_of qs) = 1.
Proof.
  induction qs as [|q qs IH]; [cbn; ring|]. cbn [length]. rewrite sum_subsets. cbn [chance_of].
  rewrite !sum_scal, IH. ring.
Qed.

(** Gates of one mean: q^|s| (1-q)^(n-|s|). *)
Lemma size_le s : (size s <= length s)%nat.
Proof. apply count_occ_bound. Qed.

Lemma chance_of_equal n q s : In s (subsets n) -> chance_of (repeat q n) s = q ^ size s * (1 - q) ^ (n - size s).
Proof.
  rewrite subsets_length. revert s. induction n as [|n IH]; intros [|open s] e; try discriminate.
  - cbn. ring.
  - injection e as e. assert (le := size_le s). cbn [repeat chance_of]. rewrite IH by exact e.
    unfold size in *. destruct open; cbn [count_occ Bool.bool_dec bool_rec bool_rect].
    + replace (S n - S (count_occ Bool.bool_dec s true))%nat with (n - count_occ Bool.bool_dec s true)%nat by lia.
      cbn [pow]. ring.
    + replace (S n - count_occ Bool.bool_dec s true)%nat with (S (n - count_occ Bool.bool_dec s true)) by lia.
      cbn [pow]. ring.
Qed.

(** n independent gates of means qs. *)
Program Definition bernoulli_gates (qs : list R) (means : probabilities qs) : law (list bool) :=
  Law (list bool) (subsets (length qs)) (chance_of qs) (subsets_once _) _ _ (chance_of_total qs).
Next Obligation. apply chance_of_nonneg, means. Qed.
Next Obligation. apply chance_of_off. rewrite <- subsets_length. assumption. Qed.

(** The n gates of a pattern. *)
Definition bits (n : nat) : list (list bool -> bool) := map (fun i s => nth i s false) (seq 0 n).

Lemma bits_length n : length (bits n) = n.
Proof. unfold bits. rewrite map_length, seq_length. reflexivity. Qed.

Lemma values_bits s : values (bits (length s)) s = s.
Proof.
  unfold values, bits. rewrite map_map. induction s as [|open s IH]; [reflexivity|].
  cbn [length seq map nth]. f_equal. rewrite <- seq_shift, map_map. exact IH.
Qed.

(** An expectation over gates is a sum over patterns. *)
Lemma expectation_patterns {G} (g : law G) (gs : list (G -> bool)) n (f : list bool -> R) :
  length gs = n ->
  expectation g (fun v => f (values gs v)) = sum (subsets n) (fun s => mass (push (values gs) g) s * f s).
Proof.
  intros e. rewrite <- expectation_push. apply sum_support.
  - apply support_once.
  - apply subsets_once.
  - intros s off. rewrite mass_off_support by exact off. ring.
  - intros s off. destruct (mass_nonneg (push (values gs) g) s) as [positive | <-]; [exfalso|ring].
    apply off. apply push_positive in positive as [v [_ <-]]. apply subsets_length.
    unfold values. rewrite map_length. exact e.
Qed.

Lemma expectation_bits qs means (f : list bool -> R) :
  expectation (bernoulli_gates qs means) (fun s => f (values (bits (length qs)) s)) =
  sum (subsets (length qs)) (fun s => chance_of qs s * f s).
Proof.
  apply sum_ext. intros s Hs. apply subsets_length in Hs. cbn [mass bernoulli_gates]. rewrite <- Hs, values_bits.
  reflexivity.
Qed.

(** A gate more is independent of the others. *)
Lemma bernoulli_gates_cons q qs Hq means means' :
  same_law (bernoulli_gates (q :: qs) means)
           (push (fun w => fst w :: snd w) (product (bernoulli q Hq) (bernoulli_gates qs means'))).
Proof.
  intros [|open s].
  - destruct (mass_nonneg (push (fun w => fst w :: snd w) (product (bernoulli q Hq) (bernoulli_gates qs means'))) [])
      as [positive | <-]; [|reflexivity].
    apply push_positive in positive as [w [_ e]]. discriminate.
  - transitivity (mass (product (bernoulli q Hq) (bernoulli_gates qs means')) (open, s)); [reflexivity|].
    symmetry. rewrite <- (push_injective (fun w => fst w :: snd w)); [reflexivity|].
    intros [open' s'] _ e. cbn in e. congruence.
Qed.

Lemma entropy_bernoulli_gates qs means : entropy (bernoulli_gates qs means) = sum qs binary_entropy.
Proof.
  induction qs as [|q qs IH].
  - unfold entropy. cbn. rewrite ln_1. ring.
  - rewrite (entropy_same_law _ _ (bernoulli_gates_cons q qs (Forall_inv means) means (Forall_inv_tail means))).
    rewrite entropy_injective, entropy_product, entropy_bernoulli, IH; [reflexivity|].
    intros [a s] [b t] _ _ e. cbn in e. congruence.
Qed.

Lemma entropy_values_bits qs means :
  entropy (push (values (bits (length qs))) (bernoulli_gates qs means)) = sum qs binary_entropy.
Proof.
  rewrite entropy_injective; [apply entropy_bernoulli_gates|]. intros s t Hs Ht.
  assert (lengths : forall u, 0 < mass (bernoulli_gates qs means) u -> length u = length qs)
    by (intros u Hu; apply subsets_length, (mass_in_support _ _ Hu)).
  rewrite <- (lengths s Hs) at 1. rewrite <- (lengths t Ht), !values_bits. tauto.
Qed.

Lemma sum_entropy_bits qs means :
  sum (bits (length qs)) (fun bit => entropy (push bit (bernoulli_gates qs means))) = sum qs binary_entropy.
Proof.
  unfold bits. rewrite sum_map. induction qs as [|q qs IH]; [reflexivity|].
  assert (cons := bernoulli_gates_cons q qs (Forall_inv means) means (Forall_inv_tail means)).
  cbn [length seq sum]. rewrite <- seq_shift, sum_map. f_equal.
  - rewrite <- (entropy_bernoulli q (Forall_inv means)). apply entropy_same_law. intros open.
    rewrite (push_same_law _ _ _ cons), push_push. cbn [nth]. apply first_product.
  - rewrite <- (IH (Forall_inv_tail means)). apply sum_ext. intros i _. apply entropy_same_law. intros open.
    rewrite (push_same_law _ _ _ cons), push_push. cbn [nth].
    rewrite <- (push_push snd (fun s => nth i s false)). apply push_same_law, second_product.
Qed.

Lemma total_correlation_bits qs means : total_correlation (bernoulli_gates qs means) (bits (length qs)) = 0.
Proof. unfold total_correlation. rewrite sum_entropy_bits, entropy_values_bits. ring. Qed.

(** Two groups of gates, each of a law of its own. *)
Definition on_first {G H A} (gs : list (G -> A)) : list (G * H -> A) := map (fun gate v => gate (fst v)) gs.
Definition on_second {G H A} (gs : list (H -> A)) : list (G * H -> A) := map (fun gate v => gate (snd v)) gs.

Lemma values_on_first {G H A} (gs : list (G -> A)) (v : G * H) : values (on_first gs) v = values gs (fst v).
Proof. unfold values, on_first. rewrite map_map. reflexivity. Qed.
Lemma values_on_second {G H A} (gs : list (H -> A)) (v : G * H) : values (on_second gs) v = values gs (snd v).
Proof. unfold values, on_second. rewrite map_map. reflexivity. Qed.

Lemma entropy_first {G H A} `{eq_dec A} (k : G -> A) (g : law G) (h : law H) :
  entropy (push (fun v => k (fst v)) (product g h)) = entropy (push k g).
Proof.
  rewrite (entropy_same_fibres _ (fun v : G * H => (k (fst v), tt))) by (intros v w _ _; split; congruence).
  rewrite (entropy_chain k (fun _ _ => tt)), (expectation_ext g _ (fun _ => 0)).
  - rewrite expectation_const. ring.
  - intros v _. apply entropy_constant.
Qed.

Lemma entropy_second {G H A} `{eq_dec A} (k : H -> A) (g : law G) (h : law H) :
  entropy (push (fun v => k (snd v)) (product g h)) = entropy (push k h).
Proof.
  rewrite (entropy_same_fibres _ (fun v : G * H => (tt, k (snd v)))) by (intros v w _ _; split; congruence).
  rewrite (entropy_chain (fun _ => tt) (fun _ => k)), entropy_constant, expectation_const. ring.
Qed.

Lemma group_information_product {G H A} `{eq_dec A} (gs : list (G -> A)) (hs : list (H -> A)) (g : law G) (h : law H) :
  group_information (product g h) (on_first gs) (on_second hs) = 0.
Proof.
  unfold group_information. rewrite information_entropies.
  rewrite (entropy_same_fibres (values (on_first gs)) (fun v : G * H => values gs (fst v))), entropy_first.
  2: { intros v w _ _. rewrite !values_on_first. tauto. }
  rewrite (entropy_same_fibres (values (on_second hs)) (fun v : G * H => values hs (snd v))), entropy_second.
  2: { intros v w _ _. rewrite !values_on_second. tauto. }
  rewrite (entropy_same_fibres (fun w => (values (on_first gs) w, values (on_second hs) w))
                               (fun v : G * H => (values gs (fst v), values hs (snd v)))).
  2: { intros v w _ _. rewrite !values_on_first, !values_on_second. tauto. }
  rewrite (entropy_chain (values gs) (fun _ => values hs)), expectation_const. ring.
Qed.
