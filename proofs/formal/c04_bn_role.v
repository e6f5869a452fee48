(** c04: what batch normalisation does to mutual information, and to c01. *)
From Coq Require Import Reals List Lra.
From Iclab Require Export gates small_laws c05_atom_bound c01_mi_quadratic.
Import ListNotations.
Open Scope R_scope.

(** A map of each neuron by itself, injective on the values that occur, changes no mutual information. *)
Theorem c04_mi_injective (f k : R -> R) (p : law (R * R)) :
  (* two values that occur are kept apart; needed: c04_counterexample_scale_zero *)
  (forall a b, 0 < mass (first p) a -> 0 < mass (first p) b -> f a = f b -> a = b) ->
  (forall a b, 0 < mass (second p) a -> 0 < mass (second p) b -> k a = k b -> a = b) ->
  mutual_information (push (pair_map f k) p) = mutual_information p.
Proof. apply mutual_information_injective. Qed.

Lemma affine_injective scale shift x y : scale <> 0 -> affine scale shift x = affine scale shift y -> x = y.
Proof. unfold affine. intros Hs E. apply (Rmult_eq_reg_l scale); lra. Qed.

(** With fixed statistics and scales that are not 0 it changes no mutual information. *)
Theorem c04_bn_mi (a b c d : R) (p : law (R * R)) :
  a <> 0 -> c <> 0 -> (* needed: c04_counterexample_scale_zero *)
  mutual_information (push (pair_map (affine a b) (affine c d)) p) = mutual_information p.
Proof. intros Ha Hc. apply c04_mi_injective; intros x y _ _; now apply affine_injective. Qed.

(** A map that takes no value that occurs to 0 leaves no atom at 0. *)
Lemma moved_atoms (f k : R -> R) (p : law (R * R)) :
  (forall x, 0 < mass (first p) x -> f x <> 0) -> (forall y, 0 < mass (second p) y -> k y <> 0) ->
  no_atoms (push (pair_map f k) p).
Proof.
  intros Hf Hk. split; unfold no_atom.
  - destruct (mass_zero_or_positive (first (push (pair_map f k) p)) 0) as [|Positive]; [assumption|exfalso].
    unfold first in Positive. rewrite push_push in Positive. cbn [pair_map fst] in Positive.
    apply push_positive in Positive as ([x y] & Hxy & E). apply (Hf x); [now apply first_positive in Hxy|exact E].
  - destruct (mass_zero_or_positive (second (push (pair_map f k) p)) 0) as [|Positive]; [assumption|exfalso].
    unfold second in Positive. rewrite push_push in Positive. cbn [pair_map snd] in Positive.
    apply push_positive in Positive as ([x y] & Hxy & E). apply (Hk y); [now apply second_positive in Hxy|exact E].
Qed.

(** Batch normalisation, then dropout by independent gates: exactly q s I of what went in, atoms at 0 or not, as
    long as no value that occurs is normalised to 0. *)
Theorem c04_bn_dropout (a b c d : R) (p : law (R * R)) q s (Hq : 0 <= q <= 1) (Hs : 0 <= s <= 1) :
  a <> 0 -> c <> 0 -> (* the scales: c04_counterexample_scale_zero *)
  (* no value that occurs lands at 0: it would be an atom at 0 again, see c04_counterexample_lands_at_zero *)
  (forall x, 0 < mass (first p) x -> affine a b x <> 0) ->
  (forall y, 0 < mass (second p) y -> affine c d y <> 0) ->
  mutual_information (behind_gates (independent_gates q s Hq Hs) (push (pair_map (affine a b) (affine c d)) p)) =
  q * s * mutual_information p.
Proof.
  intros Ha Hc Hx Hy. rewrite c01_mi_quadratic by now apply moved_atoms. now rewrite c04_bn_mi.
Qed.

Definition relu (x : R) : R := Rmax 0 x.

(** The IC layer, ReLU, batch normalisation, dropout: the information between what ReLU gives falls by exactly q
    s, although ReLU makes an atom at 0, because normalisation moves it away. *)
Theorem c04_ic_layer (a b c d : R) (p : law (R * R)) q s (Hq : 0 <= q <= 1) (Hs : 0 <= s <= 1) :
  let active := push (pair_map relu relu) p in
  a <> 0 -> c <> 0 -> (* the scales: c04_counterexample_scale_zero *)
  (* no value that occurs, ReLU's 0 above all, lands at 0: c04_counterexample_lands_at_zero *)
  (forall x, 0 < mass (first active) x -> affine a b x <> 0) ->
  (forall y, 0 < mass (second active) y -> affine c d y <> 0) ->
  mutual_information (behind_gates (independent_gates q s Hq Hs) (push (pair_map (affine a b) (affine c d)) active)) =
  q * s * mutual_information active.
Proof. intros active. apply c04_bn_dropout. Qed.

Lemma agreeing_loses (p : law (R * R)) q s (Hq : 0 <= q <= 1) (Hs : 0 <= s <= 1) :
  same_law p agreeing -> 0 < q < 1 -> 0 < s < 1 ->
  mutual_information (behind_gates (independent_gates q s Hq Hs) p) < q * s * mutual_information p.
Proof.
  intros Same Hq' Hs'. apply c05_atom_strict; [assumption..|]. left. exists 0.
  destruct agreeing_masses as (E & _ & _ & _ & Ex & Ey).
  rewrite Same, E. unfold first, second. rewrite !(push_same_law _ _ _ Same).
  fold (first agreeing). fold (second agreeing). rewrite Ex, Ey. lra.
Qed.

(** Dropout straight after ReLU keeps less: the order matters. ReLU changes nothing of the law of c05_strict_example. *)
Theorem c04_counterexample_no_bn :
  exists p : law (R * R),
    let active := push (pair_map relu relu) p in
    forall q s (Hq : 0 <= q <= 1) (Hs : 0 <= s <= 1), 0 < q < 1 -> 0 < s < 1 ->
      mutual_information (behind_gates (independent_gates q s Hq Hs) active) < q * s * mutual_information active.
Proof.
  exists agreeing. intros active q s Hq Hs. apply agreeing_loses.
  intros z. rewrite <- (mass_push_id agreeing z). apply push_ext. intros xy Hxy. unfold agreeing in Hxy.
  apply push_positive in Hxy as ([g h] & _ & <-). unfold pair_map, relu. cbn [fst snd].
  f_equal; destruct g, h; cbn [number negb]; apply Rmax_right; lra.
Qed.

(** Nor may normalisation put a value at 0: neurons that are 1 or 2 have no atom at 0 and would keep exactly q s,
    but shifted by -1 they keep less. *)
Theorem c04_counterexample_lands_at_zero :
  exists p : law (R * R), no_atoms p /\
    forall q s (Hq : 0 <= q <= 1) (Hs : 0 <= s <= 1), 0 < q < 1 -> 0 < s < 1 ->
      mutual_information (behind_gates (independent_gates q s Hq Hs)
        (push (pair_map (affine 1 (-1)) (affine 1 (-1))) p)) < q * s * mutual_information p.
Proof.
  exists (push (pair_map (affine 1 1) (affine 1 1)) agreeing). split.
  - apply moved_atoms; intros x Hx; unfold affine, agreeing, first, second in *; rewrite push_push in Hx;
      apply push_positive in Hx as ([g h] & _ & <-); destruct g, h; cbn [fst snd number negb]; lra.
  - intros q s Hq Hs Hq' Hs'. set (p := push _ agreeing). rewrite <- (c04_bn_mi 1 (-1) 1 (-1) p) by lra.
    apply agreeing_loses; try assumption. intros z. unfold p. rewrite push_push, <- (mass_push_id agreeing z).
    apply push_ext. intros [x y] _. unfold pair_map, affine. cbn [fst snd]. f_equal; ring.
Qed.

Definition equal_coins : law (R * R) := push (fun side => (number side, number side)) coin.
Lemma scaled_by_zero (p : law (R * R)) (k : R -> R) b :
  let q := push (pair_map (affine 0 b) k) p in same_law q (product (certain b) (second q)).
Proof.
  intros q [x y]. cbn [mass product certain fst snd]. unfold q, second. rewrite push_push.
  rewrite (push_ext _ (fun xy => (b, k (snd xy)))).
  2: { intros xy _. unfold pair_map, affine. f_equal. ring. }
  rewrite !push_sum, <- sum_scal. apply sum_ext. intros [x' y'] _. unfold indicator. cbn [pair_map fst snd].
  decide_outcomes; ring.
Qed.

(** A scale of 0 destroys what there was: two equal fair coins share ln 2, and nothing once one of them is
    scaled by 0. *)
Theorem c04_counterexample_scale_zero :
  exists p : law (R * R),
    0 < mutual_information p /\ forall b c d, mutual_information (push (pair_map (affine 0 b) (affine c d)) p) = 0.
Proof.
  exists equal_coins. split.
  - destruct (mutual_information_nonneg equal_coins) as [|Z]; [assumption|exfalso].
    symmetry in Z. rewrite mutual_information_zero in Z. specialize (Z 0 1). unfold equal_coins, number in Z.
    revert Z. masses.
  - intros b c d. apply mutual_information_zero. intros x y.
    set (q := push (pair_map (affine 0 b) (affine c d)) equal_coins).
    assert (E : same_law q (product (certain b) (second q))) by apply scaled_by_zero.
    rewrite E. unfold first. rewrite (push_same_law _ _ _ E). fold (first (product (certain b) (second q))).
    now rewrite first_product.
Qed.
