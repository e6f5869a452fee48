(** c05: how what is lost grows with the drop rate. *)
From Coq Require Import Reals List Lra.
From Iclab Require Export gates small_laws c05_atom_bound.
Import ListNotations.
Open Scope R_scope.

(** Two gates in a row are one gate that is open when both are. *)
Definition both_open (w : (bool * bool) * (bool * bool)) : bool * bool :=
  (andb (fst (fst w)) (fst (snd w)), andb (snd (fst w)) (snd (snd w))).

Lemma gated_twice a b x : gated a (gated b x) = gated (andb a b) x.
Proof. destruct a, b; cbn [andb]; rewrite ?gated_open, ?gated_closed; reflexivity. Qed.

Lemma gates_in_a_row gates1 gates2 p :
  same_law (behind_gates gates1 (behind_gates gates2 p)) (behind_gates (push both_open (product gates1 gates2)) p).
Proof.
  intros z. unfold behind_gates at 1 3. rewrite !mixture_mass, expectation_push, expectation_product.
  unfold expectation at 1 2. apply sum_ext. intros [g1 h1] _. f_equal. unfold behind_gates.
  rewrite push_push, mixture_mass. unfold expectation. apply sum_ext. intros [g2 h2] _. f_equal.
  cbn [fst snd both_open]. apply push_ext. intros [x y] _. cbn [fst snd]. now rewrite !gated_twice.
Qed.

Lemma product_is_probability q t : 0 <= q <= 1 -> 0 <= t <= 1 -> 0 <= q * t <= 1.
Proof.
  intros Hq Ht. split; [apply Rmult_le_pos; lra|]. rewrite <- (Rmult_1_r 1). apply Rmult_le_compat; lra.
Qed.

Lemma independent_gates_in_a_row q s t u Hq Hs Ht Hu Hqt Hsu :
  same_law (push both_open (product (independent_gates t u Ht Hu) (independent_gates q s Hq Hs)))
           (independent_gates (q * t) (s * u) Hqt Hsu).
Proof.
  intros [g h]. rewrite push_sum. unfold both_open.
  cbn [support mass product bernoulli independent_gates list_prod map app sum fst snd andb].
  destruct g, h;
    decide_outcomes; ring.
Qed.

Lemma behind_same_gates gates1 gates2 p :
  same_law gates1 gates2 -> same_law (behind_gates gates1 p) (behind_gates gates2 p).
Proof.
  intros Same [u v]. rewrite !behind_mass. now apply expectation_same_law.
Qed.

(** Keep probabilities lowered by factors t and u lower the information by at least t u. So what is left,
    divided by q s I, never rises as more is dropped: the law q s is approached from below as the keep
    probabilities go to 1. No hypothesis on the law. *)
Theorem c05_ratio_monotone (p : law (R * R)) q s t u
    (Hq : 0 <= q <= 1) (Hs : 0 <= s <= 1) (Ht : 0 <= t <= 1) (Hu : 0 <= u <= 1)
    (Hqt : 0 <= q * t <= 1) (Hsu : 0 <= s * u <= 1) :
  mutual_information (behind_gates (independent_gates (q * t) (s * u) Hqt Hsu) p) <=
  t * u * mutual_information (behind_gates (independent_gates q s Hq Hs) p).
Proof.
  eapply Rle_trans; [|apply (c05_atom_bound _ t u Ht Hu)]. apply Req_le, mutual_information_same_law. intros z.
  rewrite gates_in_a_row. apply behind_same_gates. intros gh. symmetry. apply independent_gates_in_a_row.
Qed.

Lemma lowered_by_a_factor q q' : 0 <= q' <= q -> exists t, 0 <= t <= 1 /\ q' = q * t.
Proof.
  intros H. destruct (Req_dec q 0) as [->|N]; [exists 1; lra|].
  exists (q' / q). repeat split; [| |field; assumption].
  - apply Rmult_le_pos; [lra|left; apply Rinv_0_lt_compat; lra].
  - apply (Rmult_le_reg_l q); [lra|]. replace (q * (q' / q)) with q' by (field; assumption). lra.
Qed.

(** Dropping more never leaves more information: I' does not fall as the keep probabilities rise. *)
Theorem c05_monotone (p : law (R * R)) q s q' s'
    (Hq : 0 <= q <= 1) (Hs : 0 <= s <= 1) (Hq' : 0 <= q' <= 1) (Hs' : 0 <= s' <= 1) :
  q' <= q -> s' <= s ->
  mutual_information (behind_gates (independent_gates q' s' Hq' Hs') p) <=
  mutual_information (behind_gates (independent_gates q s Hq Hs) p).
Proof.
  intros Lq Ls.
  destruct (lowered_by_a_factor q q') as (t & Ht & ->); [lra|].
  destruct (lowered_by_a_factor s s') as (u & Hu & ->); [lra|].
  eapply Rle_trans; [apply (c05_ratio_monotone p q s t u Hq Hs Ht Hu)|].
  destruct (product_is_probability t u Ht Hu). set (now := mutual_information _).
  rewrite <- (Rmult_1_l now) at 2. apply Rmult_le_compat_r; [apply mutual_information_nonneg|assumption].
Qed.
