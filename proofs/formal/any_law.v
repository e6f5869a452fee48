(** Mutual information of any pair of real neurons - discrete, continuous or mixed - and what gates and invertible
    maps do to it.

    By Gelfand, Yaglom and Perez, the mutual information of any two random variables is the supremum of the mutual
    information of (f(x), k(y)) over all quantisers f and k with finitely many values. A pair of neurons is therefore
    given here by what its quantised pairs are: a finite law for each two quantisers, such that coarser quantisers give
    the image of the law that finer ones give. That is a finitely additive probability on rectangles f^-1(i) x k^-1(j).
    Every probability law on the plane gives one (plane_law.v, with the Borel quantisers of borel.v), with or without
    a density. *)
From Coq Require Import Reals List Lra.
From Coq Require Cantor.
From Iclab Require Export gates.
Import ListNotations.
Open Scope R_scope.

(** 1 on a point, 0 elsewhere. *)
Definition at_point (a x : R) : nat := if equal x a then 1 else 0.
(** Two quantisers made one: their values as one number. *)
Definition joined (f k : R -> nat) (x : R) : nat := Cantor.to_nat (f x, k x).

(** A class of quantisers: it can tell a point from the rest of the line, and of two quantisers make one. The Borel
    functions of finitely many values are such a class (borel.v); nothing else is used of them. *)
Record quantisers := Quantisers {
  admissible :> (R -> nat) -> Prop;
  admissible_point : forall a, admissible (at_point a);
  admissible_joined : forall f k, admissible f -> admissible k -> admissible (joined f k)
}.

(** A pair of neurons of any joint law: the laws of its quantised pairs, which fit together. *)
Record neurons (Q : quantisers) := Neurons {
  quantised : (R -> nat) -> (R -> nat) -> law (nat * nat);
  consistent : forall (f k f' k' : R -> nat) (phi psi : nat -> nat), Q f -> Q k ->
    (forall x, f' x = phi (f x)) -> (forall x, k' x = psi (k x)) ->
    same_law (quantised f' k') (push (pair_map phi psi) (quantised f k))
}.
Arguments quantised {Q}. Arguments consistent {Q}.

(** What quantised pairs tell, and their supremum: I(x;y) = I, and I(x;y) = infinity. *)
Definition quantised_information {Q} (P : neurons Q) (i : R) : Prop :=
  exists f k, Q f /\ Q k /\ i = mutual_information (quantised P f k).
Definition is_information {Q} (P : neurons Q) (I : R) : Prop := is_lub (quantised_information P) I.
Definition infinite_information {Q} (P : neurons Q) : Prop :=
  forall bound, exists i, quantised_information P i /\ bound < i.

(** P(x = 0) = 0 and P(y = 0) = 0. *)
Definition no_atoms_at_zero {Q} (P : neurons Q) : Prop :=
  mass (first (quantised P (at_point 0) (at_point 0))) 1%nat = 0 /\
  mass (second (quantised P (at_point 0) (at_point 0))) 1%nat = 0.

(** ** Finite alphabets in which any symbol takes the place of zero *)

Definition behind_marked {A B} `{eq_dec A} `{eq_dec B} (gates : law (bool * bool)) (a : A) (b : B) (p : law (A * B)) :
  law (A * B) :=
  push (fun w : (bool * bool) * (A * B) =>
          (if fst (fst w) then fst (snd w) else a, if snd (fst w) then snd (snd w) else b)) (product gates p).

(** Gates keep no account of how a pair was made: the image of a product. *)
Lemma product_push {A B C D} `{eq_dec B} `{eq_dec D} (gates : law A) (m : C -> B) (p : law C) (F : A * B -> D) :
  same_law (push F (product gates (push m p))) (push (fun w : A * C => F (fst w, m (snd w))) (product gates p)).
Proof.
  intros d. rewrite !mass_push, !expectation_product. apply expectation_ext. intros a _. apply expectation_push.
Qed.
Lemma product_same_law {A B} (gates : law A) (p r : law B) :
  same_law p r -> same_law (product gates p) (product gates r).
Proof.
  intros same [a b]. simpl. now rewrite same.
Qed.

(** The natural numbers as reals, the marked one as 0. *)
Definition around (a n : nat) : R := INR n - INR a.
Lemma around_injective a n m : around a n = around a m -> n = m.
Proof.
  unfold around. intros same. apply INR_eq. lra.
Qed.
Lemma around_gated a n (open : bool) : gated open (around a n) = around a (if open then n else a).
Proof.
  unfold gated, around. destruct open; ring.
Qed.
Lemma around_pair_information a b (p : law (nat * nat)) :
  mutual_information (push (pair_map (around a) (around b)) p) = mutual_information p.
Proof.
  apply mutual_information_injective; intros n m _ _; apply around_injective.
Qed.

Section Marked.
Context (gates : law (bool * bool)) (a b : nat) (p : law (nat * nat)).

Lemma behind_marked_around :
  mutual_information (behind_marked gates a b p) =
  mutual_information (behind_gates gates (push (pair_map (around a) (around b)) p)).
Proof.
  rewrite <- (around_pair_information a b). apply mutual_information_same_law. intros w.
  unfold behind_marked, behind_gates. rewrite product_push, push_push. apply push_ext.
  intros [[g h] [x y]] _. unfold pair_map. simpl. now rewrite !around_gated.
Qed.
Lemma behind_marked_le :
  mutual_information (behind_marked gates a b p) <=
  mutual_information gates + mass gates (true, true) * mutual_information p.
Proof.
  rewrite behind_marked_around, <- (around_pair_information a b p). apply behind_gates_le.
Qed.
Lemma behind_marked_information :
  mass (first p) a = 0 -> mass (second p) b = 0 ->
  mutual_information (behind_marked gates a b p) =
  mutual_information gates + mass gates (true, true) * mutual_information p.
Proof.
  intros no_a no_b. rewrite behind_marked_around, <- (around_pair_information a b p).
  apply behind_gates_information. split; unfold no_atom.
  - unfold first. transitivity (mass (push (around a) (push fst p)) (around a a)).
    + replace (around a a) with 0 by (unfold around; ring). now rewrite !push_push.
    + rewrite push_injective; [exact no_a|]. intros n _. apply around_injective.
  - unfold second. transitivity (mass (push (around b) (push snd p)) (around b b)).
    + replace (around b b) with 0 by (unfold around; ring). now rewrite !push_push.
    + rewrite push_injective; [exact no_b|]. intros n _. apply around_injective.
Qed.
End Marked.

(** ** Gates on any pair of neurons *)

Section Gates.
Context {Q : quantisers}.

(** A closed gate shows the quantiser's value at zero. *)
Definition gated_quantised (gates : law (bool * bool)) (P : neurons Q) (f k : R -> nat) : law (nat * nat) :=
  behind_marked gates (f 0) (k 0) (quantised P f k).

Lemma gated_consistent gates (P : neurons Q) (f k f' k' : R -> nat) (phi psi : nat -> nat) : Q f -> Q k ->
  (forall x, f' x = phi (f x)) -> (forall x, k' x = psi (k x)) ->
  same_law (gated_quantised gates P f' k') (push (pair_map phi psi) (gated_quantised gates P f k)).
Proof.
  intros Qf Qk Ef Ek w. unfold gated_quantised, behind_marked.
  rewrite (push_same_law _ _ _ (product_same_law gates _ _ (consistent P f k f' k' phi psi Qf Qk Ef Ek))).
  rewrite product_push, push_push. apply push_ext. intros [[g h] [i j]] _. unfold pair_map. simpl.
  rewrite Ef, Ek. now destruct g, h.
Qed.

(** A pair of neurons of any law, behind gates of any joint law that know nothing of the neurons. *)
Definition neurons_behind (gates : law (bool * bool)) (P : neurons Q) : neurons Q :=
  Neurons Q (gated_quantised gates P) (gated_consistent gates P).

(** Coarser quantisers tell less. *)
Lemma coarser_information (P : neurons Q) (f k f' k' : R -> nat) (phi psi : nat -> nat) : Q f -> Q k ->
  (forall x, f' x = phi (f x)) -> (forall x, k' x = psi (k x)) ->
  mutual_information (quantised P f' k') <= mutual_information (quantised P f k).
Proof.
  intros Qf Qk Ef Ek. rewrite (mutual_information_same_law _ _ (consistent P f k f' k' phi psi Qf Qk Ef Ek)).
  apply data_processing.
Qed.

(** f, told also whether its neuron is zero. *)
Definition marked (f : R -> nat) : R -> nat := joined f (at_point 0).
Definition value (n : nat) : nat := fst (Cantor.of_nat n).
Definition mark (n : nat) : nat := snd (Cantor.of_nat n).
Lemma marked_admissible f : Q f -> Q (marked f).
Proof.
  intros Qf. apply admissible_joined; [assumption|apply admissible_point].
Qed.
Lemma value_marked f x : f x = value (marked f x).
Proof.
  unfold value, marked, joined. now rewrite Cantor.cancel_of_to.
Qed.
Lemma mark_marked f x : at_point 0 x = mark (marked f x).
Proof.
  unfold mark, marked, joined. now rewrite Cantor.cancel_of_to.
Qed.

(** No atom at zero: the marked value of zero has no mass. *)
Lemma no_marked_zero (P : neurons Q) (f k : R -> nat) : Q f -> Q k -> no_atoms_at_zero P ->
  mass (first (quantised P (marked f) (marked k))) (marked f 0) = 0 /\
  mass (second (quantised P (marked f) (marked k))) (marked k 0) = 0.
Proof.
  intros Qf Qk [no_x no_y]. set (p := quantised P (marked f) (marked k)).
  assert (same : same_law (quantised P (at_point 0) (at_point 0)) (push (pair_map mark mark) p))
    by (apply consistent; auto using marked_admissible, mark_marked).
  assert (zero : forall l, mark (marked l 0) = 1%nat)
    by (intros l; rewrite <- mark_marked; unfold at_point; now destruct (equal 0 0)).
  unfold first, second in *. split.
  - apply Rle_antisym; [|apply mass_nonneg].
    rewrite (push_same_law fst _ _ same), push_push, <- (zero f) in no_x.
    eapply Rle_trans; [apply (push_ge mark)|]. right. rewrite push_push. exact no_x.
  - apply Rle_antisym; [|apply mass_nonneg].
    rewrite (push_same_law snd _ _ same), push_push, <- (zero k) in no_y.
    eapply Rle_trans; [apply (push_ge mark)|]. right. rewrite push_push. exact no_y.
Qed.

Section Bounds.
Context (gates : law (bool * bool)) (P : neurons Q).
Let open : R := mass gates (true, true).

Lemma gated_upper i : quantised_information (neurons_behind gates P) i ->
  exists j, quantised_information P j /\ i <= mutual_information gates + open * j.
Proof.
  intros (f & k & Qf & Qk & ->). exists (mutual_information (quantised P f k)).
  split; [now exists f, k|apply behind_marked_le].
Qed.
Lemma gated_lower j : no_atoms_at_zero P -> quantised_information P j ->
  exists i, quantised_information (neurons_behind gates P) i /\ mutual_information gates + open * j <= i.
Proof.
  intros no_zero (f & k & Qf & Qk & ->). destruct (no_marked_zero P f k Qf Qk no_zero) as [no_x no_y].
  exists (mutual_information (quantised (neurons_behind gates P) (marked f) (marked k))). split.
  - exists (marked f), (marked k). auto using marked_admissible.
  - simpl. unfold gated_quantised. rewrite behind_marked_information by assumption.
    apply Rplus_le_compat_l, Rmult_le_compat_l; [apply mass_nonneg|].
    apply coarser_information with value value; auto using marked_admissible, value_marked.
Qed.
Lemma some_information : exists i, quantised_information P i.
Proof.
  exists (mutual_information (quantised P (at_point 0) (at_point 0))), (at_point 0), (at_point 0).
  auto using admissible_point.
Qed.

(** The general statement behind c01 and c06: without atoms at zero, the information behind gates is that of the gates,
    plus the probability that both are open times that of the neurons. *)
Lemma information_behind_gates I : no_atoms_at_zero P -> is_information P I ->
  is_information (neurons_behind gates P) (mutual_information gates + open * I).
Proof.
  intros no_zero [above least]. assert (0 <= open) by apply mass_nonneg. split.
  - intros i told. destruct (gated_upper i told) as (j & told_j & le).
    assert (open * j <= open * I) by (apply Rmult_le_compat_l; auto). lra.
  - intros bound bounds.
    assert (all : forall j, quantised_information P j -> mutual_information gates + open * j <= bound).
    { intros j told. destruct (gated_lower j no_zero told) as (i & told_i & le). specialize (bounds i told_i). lra. }
    destruct (Req_EM_T open 0) as [closed|ajar].
    + destruct some_information as [j told]. specialize (all j told). rewrite closed in *. lra.
    + assert (0 < open) by lra.
      assert (below : I <= (bound - mutual_information gates) / open).
      { apply least. intros j told. specialize (all j told). apply Rmult_le_reg_l with open; [assumption|].
        field_simplify; lra. }
      apply Rmult_le_compat_l with (r := open) in below; [|lra]. field_simplify in below; lra.
Qed.
(** With atoms it is at most that. *)
Lemma information_behind_gates_le I : is_information P I ->
  exists I', is_information (neurons_behind gates P) I' /\ I' <= mutual_information gates + open * I.
Proof.
  intros [above _]. assert (0 <= open) by apply mass_nonneg.
  assert (bounds : is_upper_bound (quantised_information (neurons_behind gates P))
    (mutual_information gates + open * I)).
  { intros i told. destruct (gated_upper i told) as (j & told_j & le).
    assert (open * j <= open * I) by (apply Rmult_le_compat_l; auto). lra. }
  destruct (completeness (quantised_information (neurons_behind gates P))) as [I' lub].
  - now exists (mutual_information gates + open * I).
  - exists (mutual_information (gated_quantised gates P (at_point 0) (at_point 0))), (at_point 0), (at_point 0).
    auto using admissible_point.
  - exists I'. split; [assumption|]. now apply lub.
Qed.
(** Infinite information stays infinite, unless the gates are never open together. *)
Lemma infinite_behind_gates : no_atoms_at_zero P -> 0 < open -> infinite_information P ->
  infinite_information (neurons_behind gates P).
Proof.
  intros no_zero ajar unbounded bound.
  destruct (unbounded ((bound - mutual_information gates) / open)) as (j & told & far).
  destruct (gated_lower j no_zero told) as (i & told_i & le). exists i. split; [assumption|].
  apply Rmult_lt_compat_l with (r := open) in far; [|assumption]. field_simplify in far; lra.
Qed.
End Bounds.

(** The information of a pair is one number. *)
Lemma information_unique (P : neurons Q) I I' : is_information P I -> is_information P I' -> I = I'.
Proof.
  intros [above least] [above' least']. apply Rle_antisym; [now apply least|now apply least'].
Qed.
End Gates.
