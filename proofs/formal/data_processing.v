(** Data processing: maps of each coordinate cannot add mutual information, and when they lose none. *)
From Coq Require Import Reals List Lra.
From Iclab Require Export entropy.
Import ListNotations.
Open Scope R_scope.

Section Processing.
Context {A B C D : Type} `{eq_dec A} `{eq_dec B} `{eq_dec C} `{eq_dec D}.
Variables (f : A -> C) (k : B -> D) (p : law (A * B)).

Let image := push (pair_map f k) p.
Let apart := product (first p) (second p).
(* The density of the image with respect to its margins. *)
Let density (ab : A * B) :=
  mass image (f (fst ab), k (snd ab)) / (mass (push f (first p)) (f (fst ab)) * mass (push k (second p)) (k (snd ab))).

Lemma first_image : same_law (first image) (push f (first p)).
Proof. intros c. unfold image, first. rewrite !push_push. reflexivity. Qed.
Lemma second_image : same_law (second image) (push k (second p)).
Proof. intros d. unfold image, second. rewrite !push_push. reflexivity. Qed.

Lemma image_information : mutual_information image = expectation p (fun ab => ln (density ab)).
Proof.
  rewrite mutual_information_expectation. unfold image at 1. rewrite expectation_push.
  apply expectation_ext. intros ab _. rewrite first_image, second_image. reflexivity.
Qed.

(* A density integrates to 1 over independent coordinates. *)
Lemma mean_density : expectation apart density = 1.
Proof.
  unfold apart. rewrite expectation_product.
  transitivity (expectation (product (push f (first p)) (push k (second p)))
    (fun cd => mass image cd / (mass (push f (first p)) (fst cd) * mass (push k (second p)) (snd cd)))).
  - rewrite expectation_product, expectation_push. apply expectation_ext. intros a _. now rewrite expectation_push.
  - rewrite <- (mass_total image).
    transitivity (sum (support (product (push f (first p)) (push k (second p)))) (mass image)).
    + apply sum_ext. intros cd _. cbn [mass product].
      pose proof (first_ge image cd) as H1'.
    pose proof (second_ge image cd) as H2'.
      rewrite first_image in H1'. rewrite second_image in H2'. pose proof (mass_nonneg image cd).
      destruct (mass_zero_or_positive image cd) as [->|Hp]; [unfold Rdiv; ring|field; lra].
    + apply sum_support; [apply support_once|apply support_once| |apply mass_off_support].
      intros [c d] Hoff. cbn in Hoff. rewrite in_prod_iff in Hoff.
      destruct (mass_zero_or_positive image (c, d)) as [E|Hp]; [exact E|exfalso]. apply Hoff. split.
      * pose proof (first_ge image (c, d)) as Hm. rewrite first_image in Hm. cbn [fst] in Hm.
        apply (mass_in_support (push f (first p)) c). lra.
      * pose proof (second_ge image (c, d)) as Hm. rewrite second_image in Hm. cbn [snd] in Hm.
        apply (mass_in_support (push k (second p)) d). lra.
Qed.

(* What one outcome loses: p (ln z - 1 + 1/z) where p is positive. *)
Let loss (ab : A * B) :=
  mass p ab * (ln (mass p ab / (mass (first p) (fst ab) * mass (second p) (snd ab))) - ln (density ab))
  - mass p ab + mass apart ab * density ab.

Lemma sum_over_apart (h : A * B -> R) : sum (support apart) (fun ab => mass p ab * h ab) = expectation p h.
Proof.
  unfold expectation. apply sum_support; [apply support_once|apply support_once| |].
  - intros [a b] Hoff. cbn in Hoff. rewrite in_prod_iff in Hoff.
    destruct (mass_zero_or_positive p (a, b)) as [->|Hp]; [ring|exfalso]. apply Hoff.
    pose proof (first_ge p (a, b)) as H1'.
    pose proof (second_ge p (a, b)) as H2'. cbn [fst snd] in *.
    split; [apply (mass_in_support (first p))|apply (mass_in_support (second p))]; lra.
  - intros ab Hoff. rewrite mass_off_support by assumption. ring.
Qed.

Lemma total_loss : sum (support apart) loss = mutual_information p - mutual_information image.
Proof.
  assert (sum (support apart) (mass p) = 1) as E1.
  { rewrite <- (expectation_const p 1), <- sum_over_apart. apply sum_ext. intros; ring. }
  transitivity (sum (support apart) (fun ab =>
      mass p ab * (ln (mass p ab / (mass (first p) (fst ab) * mass (second p) (snd ab))) - ln (density ab)))
    - sum (support apart) (mass p) + expectation apart density).
  - unfold loss. rewrite sum_plus, sum_minus. reflexivity.
  - rewrite E1, mean_density, sum_over_apart, image_information, mutual_information_expectation.
    unfold expectation. ring_simplify. rewrite <- sum_minus. apply sum_ext. intros; ring.
Qed.

Lemma density_nonneg ab : 0 <= density ab.
Proof.
  unfold density. destruct (mass_zero_or_positive image (f (fst ab), k (snd ab))) as [->|Hp]; [unfold Rdiv; lra|].
  pose proof (first_ge image (f (fst ab), k (snd ab))) as H1'.
    pose proof (second_ge image (f (fst ab), k (snd ab))) as H2'.
  rewrite first_image in H1'. rewrite second_image in H2'. cbn [fst snd] in *.
  apply Rlt_le, Rdiv_lt_0_compat; [assumption|apply Rmult_lt_0_compat; lra].
Qed.
Lemma apart_mass ab : mass apart ab = mass (first p) (fst ab) * mass (second p) (snd ab).
Proof. reflexivity. Qed.

Lemma positive_terms ab : 0 < mass p ab -> 0 < mass apart ab /\ 0 < density ab.
Proof.
  intros Hp. pose proof (first_ge p ab). pose proof (second_ge p ab). split.
  - rewrite apart_mass. apply Rmult_lt_0_compat; lra.
  - pose proof (push_ge (pair_map f k) p ab) as Hi. fold image in Hi.
    change (pair_map f k ab) with (f (fst ab), k (snd ab)) in Hi.
    pose proof (first_ge image (f (fst ab), k (snd ab))) as H1'.
    pose proof (second_ge image (f (fst ab), k (snd ab))) as H2'.
    rewrite first_image in H1'. rewrite second_image in H2'. cbn [fst snd] in *.
    apply Rdiv_lt_0_compat; [lra|apply Rmult_lt_0_compat; lra].
Qed.

Lemma loss_as_ratio ab : 0 < mass p ab ->
  loss ab = mass p ab * ((mass apart ab * density ab / mass p ab - 1) - ln (mass apart ab * density ab / mass p ab)).
Proof.
  intros Hp. destruct (positive_terms ab Hp) as [Ha Hd]. unfold loss. rewrite <- apart_mass.
  rewrite (ln_quotient (mass p ab)), ln_quotient, ln_mult by (assumption || now apply Rmult_lt_0_compat).
  field. lra.
Qed.

Lemma loss_nonneg ab : 0 <= loss ab.
Proof.
  destruct (mass_zero_or_positive p ab) as [E|Hp].
  - unfold loss. rewrite E. pose proof (density_nonneg ab). pose proof (mass_nonneg apart ab).
    pose proof (Rmult_le_pos _ _ (mass_nonneg apart ab) (density_nonneg ab)). lra.
  - rewrite loss_as_ratio by assumption. destruct (positive_terms ab Hp) as [Ha Hd].
    apply Rmult_le_pos; [lra|].
    assert (0 < mass apart ab * density ab / mass p ab) as Hr
      by (apply Rdiv_lt_0_compat; [now apply Rmult_lt_0_compat|assumption]).
    pose proof (ln_below _ Hr). lra.
Qed.

Lemma loss_zero ab : loss ab = 0 <-> mass p ab = mass apart ab * density ab.
Proof.
  destruct (mass_zero_or_positive p ab) as [E|Hp].
  - unfold loss. rewrite E. split; lra.
  - destruct (positive_terms ab Hp) as [Ha Hd].
    assert (0 < mass apart ab * density ab / mass p ab) as Hr
      by (apply Rdiv_lt_0_compat; [now apply Rmult_lt_0_compat|assumption]).
    rewrite loss_as_ratio by assumption. split; intros E.
    + apply Rmult_integral in E. destruct E as [E|E]; [lra|].
      assert (mass apart ab * density ab / mass p ab = 1) as E1 by (apply ln_below_eq; lra).
      apply (Rmult_eq_compat_r (mass p ab)) in E1. unfold Rdiv in E1. rewrite Rmult_assoc, Rinv_l in E1; lra.
    + rewrite <- E. unfold Rdiv. rewrite Rinv_r, ln_1 by lra. ring.
Qed.

(** Data processing: what each side is mapped to tells no more of the other side. *)
Lemma data_processing : mutual_information (push (pair_map f k) p) <= mutual_information p.
Proof.
  pose proof total_loss as E. fold image.
  pose proof (sum_nonneg (support apart) loss (fun ab _ => loss_nonneg ab)). lra.
Qed.

(** Nothing is lost exactly if all outcomes that are merged have one density. *)
Lemma data_processing_equality :
  mutual_information (push (pair_map f k) p) = mutual_information p <->
  (forall a b,
     mass p (a, b) * (mass (push f (first p)) (f a) * mass (push k (second p)) (k b)) =
     mass (first p) a * mass (second p) b * mass (push (pair_map f k) p) (f a, k b)).
Proof.
  fold image. transitivity (forall ab, loss ab = 0).
  - pose proof total_loss as E. split.
    + intros EI ab. destruct (in_dec equal ab (support apart)) as [Hin|Hoff].
      * apply (sum_zero_inv (support apart)); [intros; apply loss_nonneg|lra|assumption].
      * apply loss_zero. rewrite (mass_off_support apart) by assumption.
        destruct (mass_zero_or_positive p ab) as [->|Hp]; [ring|exfalso]. apply Hoff.
        apply mass_in_support. now apply positive_terms.
    + intros Hz. assert (sum (support apart) loss = 0) by (apply sum_zero; auto). lra.
  - assert (forall a b, loss (a, b) = 0 <->
      mass p (a, b) * (mass (push f (first p)) (f a) * mass (push k (second p)) (k b)) =
      mass (first p) a * mass (second p) b * mass image (f a, k b)) as Hab.
    { intros a b. rewrite loss_zero, apart_mass. unfold density. cbn [fst snd].
      pose proof (push_ge f (first p) a) as Hf. pose proof (push_ge k (second p) b) as Hk.
      pose proof (mass_nonneg (first p) a) as Ha. pose proof (mass_nonneg (second p) b) as Hb.
      pose proof (first_ge p (a, b)) as Hpa. pose proof (second_ge p (a, b)) as Hpb. cbn [fst snd] in Hpa, Hpb.
      pose proof (mass_nonneg p (a, b)) as Hp.
      destruct (mass_zero_or_positive (first p) a) as [E1|P1].
      { rewrite E1 in *. assert (mass p (a, b) = 0) as -> by lra. split; intros; lra. }
      destruct (mass_zero_or_positive (second p) b) as [E2|P2].
      { rewrite E2 in *. assert (mass p (a, b) = 0) as -> by lra. split; intros; lra. }
      split; intros E.
      - rewrite E. field. lra.
      - apply (Rmult_eq_reg_r (mass (push f (first p)) (f a) * mass (push k (second p)) (k b)));
          [|apply Rmult_integral_contrapositive_currified; lra].
        rewrite E. field. lra. }
    split; [intros Hl a b; now apply Hab | intros Hl [a b]; now apply Hab].
Qed.
End Processing.
