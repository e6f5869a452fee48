(** Finite laws are among the laws on the plane of plane_law.v, with the information that is theirs. *)
From Coq Require Import Reals List Lra.
From Coq Require ClassicalDedekindReals.
From Iclab Require Export plane_law.
Import ListNotations.
Open Scope R_scope.

(** 1 if P holds, else 0. *)
Definition truth (P : Prop) : R := if ClassicalDedekindReals.sig_not_dec P then 1 else 0.

Lemma truth_nonneg P : 0 <= truth P.
Proof. unfold truth. destruct (ClassicalDedekindReals.sig_not_dec P); lra. Qed.
Lemma truth_same P P' : (P <-> P') -> truth P = truth P'.
Proof.
  intros same. unfold truth.
  destruct (ClassicalDedekindReals.sig_not_dec P), (ClassicalDedekindReals.sig_not_dec P'); tauto.
Qed.
Lemma truth_true (P : Prop) : P -> truth P = 1.
Proof. intros holds. unfold truth. destruct (ClassicalDedekindReals.sig_not_dec P); tauto. Qed.
Lemma truth_or P P' : ~ (P /\ P') -> truth (P \/ P') = truth P + truth P'.
Proof.
  intros apart. unfold truth.
  destruct (ClassicalDedekindReals.sig_not_dec P), (ClassicalDedekindReals.sig_not_dec P'),
    (ClassicalDedekindReals.sig_not_dec (P \/ P')); try lra; exfalso; tauto.
Qed.
Lemma truth_equal {A} `{eq_dec A} (a b : A) : truth (a = b) = if equal a b then 1 else 0.
Proof.
  unfold truth. destruct (ClassicalDedekindReals.sig_not_dec (a = b)), (equal a b); tauto.
Qed.

Section Finite.
Context (p : law (R * R)).

(** P(x in s and y in t): the mass of the outcomes that lie there. *)
Definition finite_rectangle (s t : R -> Prop) : R := expectation p (fun xy => truth (s (fst xy) /\ t (snd xy))).

Lemma finite_rectangle_nonneg s t : borel s -> borel t -> 0 <= finite_rectangle s t.
Proof. intros _ _. apply expectation_nonneg. intros xy _. apply truth_nonneg. Qed.
Lemma finite_rectangle_total : finite_rectangle (fun _ => True) (fun _ => True) = 1.
Proof. rewrite <- (expectation_const p 1). apply expectation_ext. intros xy _. now apply truth_true. Qed.
Lemma finite_rectangle_first t : borel t -> additive (fun s => finite_rectangle s t).
Proof.
  intros _. split.
  - intros s s' same _. apply expectation_ext. intros xy _. apply truth_same. now rewrite same.
  - intros s s' _ _ apart. unfold finite_rectangle. rewrite <- expectation_plus. apply expectation_ext. intros xy _.
    rewrite <- truth_or; [apply truth_same; tauto|]. specialize (apart (fst xy)). tauto.
Qed.
Lemma finite_rectangle_second s : borel s -> additive (fun t => finite_rectangle s t).
Proof.
  intros _. split.
  - intros t t' same _. apply expectation_ext. intros xy _. apply truth_same. now rewrite same.
  - intros t t' _ _ apart. unfold finite_rectangle. rewrite <- expectation_plus. apply expectation_ext. intros xy _.
    rewrite <- truth_or; [apply truth_same; tauto|]. specialize (apart (snd xy)). tauto.
Qed.
Definition finite_plane : plane_law :=
  PlaneLaw finite_rectangle finite_rectangle_nonneg finite_rectangle_total finite_rectangle_first
           finite_rectangle_second.

(** Its quantised pairs are the images of the finite law. *)
Lemma finite_plane_quantised f k : borel_quantiser f -> borel_quantiser k ->
  same_law (quantised (plane_neurons finite_plane) f k) (push (pair_map f k) p).
Proof.
  intros Qf Qk [i j]. transitivity (level_mass finite_plane f k (i, j)); [now apply plane_quantised_mass|].
  rewrite mass_push. apply expectation_ext. intros [x y] _. rewrite <- truth_equal. apply truth_same.
  unfold pair_map. cbn [fst snd]. split; [intros [-> ->]; reflexivity|intros same; split; congruence].
Qed.
(** The information of a finite law as a law on the plane is the sum p ln(p / (p p)). *)
Theorem finite_plane_information : plane_information finite_plane (mutual_information p).
Proof.
  destruct (finite_information borel_quantisers p) as [above least].
  split; [intros i told; apply above|intros bound bounds; apply least; intros i told; apply bounds];
    destruct told as (f & k & Qf & Qk & ->); exists f, k; (split; [exact Qf|split; [exact Qk|]]); [|symmetry];
    apply mutual_information_same_law; now apply finite_plane_quantised.
Qed.
(** No atom at zero means the same. *)
Theorem finite_plane_no_atoms : no_atoms_on_axes finite_plane <-> no_atoms p.
Proof.
  assert (same_x : finite_rectangle (fun x => x = 0) (fun _ => True) = mass (first p) 0).
  { unfold first. rewrite mass_push. apply expectation_ext. intros [x y] _. rewrite <- truth_equal.
    apply truth_same. cbn [fst]. tauto. }
  assert (same_y : finite_rectangle (fun _ => True) (fun y => y = 0) = mass (second p) 0).
  { unfold second. rewrite mass_push. apply expectation_ext. intros [x y] _. rewrite <- truth_equal.
    apply truth_same. cbn [snd]. tauto. }
  unfold no_atoms_on_axes, no_atoms, no_atom. now rewrite <- same_x, <- same_y.
Qed.
End Finite.
