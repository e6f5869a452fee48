(** c08 for two neurons, where it is c01; and for one gate that all neurons share. *)
From Coq Require Import Reals List Lra Lia.
From Iclab Require Export c08_total_correlation.
Import ListNotations.
Open Scope R_scope.

Lemma total_correlation_one {W A} `{eq_dec A} (p : law W) (f : W -> A) : total_correlation p [f] = 0.
Proof.
  unfold total_correlation. cbn [sum]. rewrite (entropy_same_fibres (values [f]) f); [ring|].
  intros v w _ _. unfold values. cbn [map]. split; congruence.
Qed.

(** Of the two entries of a pair, it is the mutual information of the pair. *)
Lemma total_correlation_entries {A} `{eq_dec A} (p : law (A * A)) :
  total_correlation p [fst; snd] = mutual_information p.
Proof.
  rewrite total_correlation_pair. apply mutual_information_same_law. intros [a b].
  apply (push_injective (fun w => (fst w, snd w)) p (a, b)). intros [a' b'] _ e. exact e.
Qed.

Lemma no_atom_in_pair (p : law (R * R)) : no_atoms p -> no_atom_in p [fst; snd].
Proof. intros [no_x no_y] f [<- | [<- | []]]; assumption. Qed.

(** Of the four patterns only the one with both gates open leaves a pair. *)
Lemma sum_over_pair (p : law (R * R)) (weight : list bool -> R) :
  sum (subsets 2) (fun s => weight s * total_correlation p (select s [fst; snd])) =
  weight [true; true] * mutual_information p.
Proof.
  cbn [subsets map app sum select].
  rewrite !total_correlation_one, total_correlation_nil, total_correlation_entries. ring.
Qed.

(** Two neurons: the sum over subsets is c01's q^2 I(x;y), found here without c01. *)
Theorem c08_pair (p : law (R * R)) q (Hq : 0 <= q <= 1) : no_atoms p ->
  total_correlation (with_gates (repeat q 2) (equal_means 2 q Hq) p) (dropped [fst; snd]) =
  q ^ 2 * mutual_information p.
Proof.
  intros atoms. rewrite (c08_total_correlation_equal_means p [fst; snd]) by apply no_atom_in_pair, atoms.
  cbn [length]. rewrite (sum_over_pair p (fun s => q ^ size s * (1 - q) ^ (2 - size s))). cbn. ring.
Qed.

(** And that number is the mutual information that c01 speaks of, by the way of c08: gates of means q and s. *)
Theorem c08_pair_information (p : law (R * R)) q s (Hq : 0 <= q <= 1) (Hs : 0 <= s <= 1) : no_atoms p ->
  mutual_information (behind_gates (independent_gates q s Hq Hs) p) = q * s * mutual_information p.
Proof.
  intros atoms.
  assert (c08 := c08_any_gates (independent_gates q s Hq Hs) [fst; snd] p [fst; snd] eq_refl
                   (no_atom_in_pair p atoms)).
  cbn [length] in c08.
  rewrite (sum_over_pair p (mass (push (values [fst; snd]) (independent_gates q s Hq Hs)))) in c08.
  rewrite total_correlation_entries, independent_gates_information, Rplus_0_l in c08.
  rewrite (push_injective (values [fst; snd]) (independent_gates q s Hq Hs) (true, true)) in c08.
  - exact (eq_trans (eq_sym (total_correlation_pair _ _ _)) c08).
  - intros [a b] _ e. unfold values in e. cbn [map fst snd] in e. congruence.
Qed.

(** * One gate for all *)

Lemma values_shared n (open : bool) : values (repeat (fun open => open) n) open = repeat open n.
Proof. unfold values. induction n as [|n IH]; cbn; congruence. Qed.

Lemma select_all {A} (l : list A) : select (repeat true (length l)) l = l.
Proof. induction l as [|a l IH]; cbn; congruence. Qed.
Lemma select_none {A} (l : list A) : select (repeat false (length l)) l = [].
Proof. induction l as [|a l IH]; cbn; congruence. Qed.

(** n + 1 copies of one gate. *)
Lemma total_correlation_shared n q (Hq : 0 <= q <= 1) :
  total_correlation (bernoulli q Hq) (repeat (fun open => open) (S n)) = INR n * binary_entropy q.
Proof.
  assert (itself : entropy (push (fun open => open) (bernoulli q Hq)) = binary_entropy q).
  { rewrite entropy_injective; [apply entropy_bernoulli | auto]. }
  unfold total_correlation.
  rewrite (entropy_same_fibres (values (repeat (fun open => open) (S n))) (fun open => open)).
  - rewrite itself. cbn [repeat sum]. rewrite itself.
    enough (copies : sum (repeat (fun open : bool => open) n) (fun f => entropy (push f (bernoulli q Hq))) =
                     INR n * binary_entropy q) by (rewrite copies; ring).
    induction n as [|n IH]; [cbn; ring|]. rewrite S_INR. cbn [repeat sum]. rewrite IH, itself. ring.
  - intros a b _ _. rewrite !values_shared. cbn [repeat]. split; congruence.
Qed.

(** One gate shared by n + 1 neurons (the positions of a channel): TC(x') = n H_b(q) + q TC(x). For two it is c06. *)
Theorem c08_shared_gate {W} (p : law W) (fs : list (W -> R)) n q (Hq : 0 <= q <= 1) :
  length fs = S n -> no_atom_in p fs ->
  total_correlation (product (bernoulli q Hq) p) (behind (repeat (fun open => open) (S n)) fs) =
  INR n * binary_entropy q + q * total_correlation p fs.
Proof.
  intros count atoms.
  rewrite total_correlation_behind, total_correlation_shared by (exact atoms || rewrite repeat_length; auto).
  f_equal. unfold expectation. cbn [support mass bernoulli sum].
  rewrite !values_shared, <- count, select_all, select_none, total_correlation_nil. ring.
Qed.
