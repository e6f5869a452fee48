(** c09: the correlation matrix of a layer behind independent gates, its eigenvalues and its condition number. *)
From Coq Require Import Reals List Lra Lia FunctionalExtensionality.
From Iclab Require Import gate_patterns.
From Iclab Require Export c02_correlation.
Import ListNotations.
Open Scope R_scope.

(** ** Quadratic forms *)

(** v' M v, |v|^2 and the i-th entry of M v, for the indices 0 .. n-1. *)
Definition form (n : nat) (M : nat -> nat -> R) (v : nat -> R) : R :=
  sum (seq 0 n) (fun i => sum (seq 0 n) (fun j => M i j * v i * v j)).
Definition squared_length (n : nat) (v : nat -> R) : R := sum (seq 0 n) (fun i => v i * v i).
Definition applied (n : nat) (M : nat -> nat -> R) (v : nat -> R) (i : nat) : R :=
  sum (seq 0 n) (fun j => M i j * v j).

Definition eigenvalue (n : nat) (M : nat -> nat -> R) (l : R) : Prop :=
  exists v, (exists i, (i < n)%nat /\ v i <> 0) /\ forall i, (i < n)%nat -> applied n M v i = l * v i.

(** The extremes of v' M v over unit vectors. All eigenvalues lie between them (eigenvalue_between). For a symmetric
    matrix they are eigenvalues themselves, by the spectral theorem, which is not proved here. *)
Definition unit_vector (n : nat) (v : nat -> R) : Prop := squared_length n v = 1.
Definition largest (n : nat) (M : nat -> nat -> R) (l : R) : Prop :=
  is_lub (fun x => exists v, unit_vector n v /\ x = form n M v) l.
Definition smallest (n : nat) (M : nat -> nat -> R) (l : R) : Prop :=
  (forall v, unit_vector n v -> l <= form n M v) /\
  (forall b, (forall v, unit_vector n v -> b <= form n M v) -> b <= l).

(** The condition number of a positive definite matrix. *)
Definition condition_number (n : nat) (M : nat -> nat -> R) (k : R) : Prop :=
  exists l_max l_min, largest n M l_max /\ smallest n M l_min /\ 0 < l_min /\ k = l_max / l_min.

Definition identity (i j : nat) : R := if Nat.eq_dec i j then 1 else 0.

Lemma in_seq0 n i : In i (seq 0 n) <-> (i < n)%nat.
Proof. rewrite in_seq. lia. Qed.

Lemma identity_row n v i : (i < n)%nat -> sum (seq 0 n) (fun j => identity i j * v j) = v i.
Proof.
  intros Hi. rewrite <- (sum_pick (seq 0 n) i v).
  - apply sum_ext. intros j _. unfold identity.
    destruct (Nat.eq_dec i j), (equal j i); try congruence; ring.
  - apply seq_NoDup.
  - intros Hout. now rewrite in_seq0 in Hout.
Qed.

Lemma form_applied n N v : form n N v = sum (seq 0 n) (fun i => v i * applied n N v i).
Proof.
  apply sum_ext. intros i _. unfold applied. rewrite <- sum_scal. apply sum_ext. intros j _. ring.
Qed.

(** An eigenvalue is the form at a unit vector, so that all lie between [smallest] and [largest]. *)
Lemma eigenvalue_form n M l : eigenvalue n M l -> exists v, unit_vector n v /\ form n M v = l.
Proof.
  intros (v & (k & Hk & some) & Ev). set (length := squared_length n v).
  assert (positive : 0 < length).
  { assert (squares : forall i, In i (seq 0 n) -> 0 <= v i * v i) by (intros i _; apply Rle_0_sqr).
    destruct (sum_nonneg (seq 0 n) (fun i => v i * v i) squares) as [|zero]; [assumption|exfalso].
    apply some. symmetry in zero. apply (sum_zero_inv _ _ squares) with (a := k) in zero; [|now apply in_seq0].
    apply Rmult_integral in zero. tauto. }
  assert (inverse : / length = / sqrt length * / sqrt length) by (rewrite <- Rinv_mult, sqrt_sqrt; lra).
  exists (fun i => / sqrt length * v i). split.
  - unfold unit_vector, squared_length.
    transitivity (/ length * sum (seq 0 n) (fun i => v i * v i)); [|now apply Rinv_l, Rgt_not_eq].
    rewrite <- sum_scal. apply sum_ext. intros i _. rewrite inverse. ring.
  - rewrite form_applied. transitivity (l * / length * sum (seq 0 n) (fun i => v i * v i)).
    + rewrite <- sum_scal. apply sum_ext. intros i Hi. apply in_seq0 in Hi. unfold applied.
      rewrite (sum_ext _ _ (fun j => / sqrt length * (M i j * v j))) by (intros; ring).
      rewrite sum_scal. fold (applied n M v i). rewrite (Ev i Hi), inverse. ring.
    + fold (squared_length n v). fold length. field. lra.
Qed.
Lemma eigenvalue_between n M l l_max l_min :
  eigenvalue n M l -> largest n M l_max -> smallest n M l_min -> l_min <= l <= l_max.
Proof.
  intros (v & Hv & <-)%eigenvalue_form [above _] [below _]. split; [now apply below|apply above; now exists v].
Qed.

(** q M + (1-q) Id: its form, its products, its eigenvalues. *)
Section Mixed.
Variables (n : nat) (M mixed : nat -> nat -> R) (q : R).
Hypothesis mixture : forall i j, (i < n)%nat -> (j < n)%nat -> mixed i j = q * M i j + (1 - q) * identity i j.

Lemma mixed_applied v i : (i < n)%nat -> applied n mixed v i = q * applied n M v i + (1 - q) * v i.
Proof.
  intros Hi. unfold applied. rewrite <- (identity_row n v i Hi), <- !sum_scal, <- sum_plus.
  apply sum_ext. intros j Hj. apply in_seq0 in Hj. rewrite mixture by assumption. ring.
Qed.

Lemma mixed_form v : form n mixed v = q * form n M v + (1 - q) * squared_length n v.
Proof.
  rewrite !form_applied. unfold squared_length. rewrite <- !sum_scal, <- sum_plus.
  apply sum_ext. intros i Hi. apply in_seq0 in Hi. rewrite mixed_applied by assumption. ring.
Qed.

Lemma mixed_eigenvalue l : 0 < q -> eigenvalue n M l <-> eigenvalue n mixed (q * l + (1 - q)).
Proof.
  intros Hq. split; intros (v & Hv & Ev); exists v; split; trivial; intros i Hi.
  - rewrite mixed_applied, Ev by assumption. ring.
  - specialize (Ev i Hi). rewrite mixed_applied in Ev by assumption.
    apply (Rmult_eq_reg_l q); lra.
Qed.

Lemma mixed_largest l : 0 < q -> largest n M l -> largest n mixed (q * l + (1 - q)).
Proof.
  intros Hq [above least]. split.
  - intros x (v & Hv & ->). rewrite mixed_form, Hv. pose proof (above _ (ex_intro _ v (conj Hv eq_refl))).
    pose proof (Rmult_le_compat_l q _ _ (Rlt_le _ _ Hq) H). lra.
  - intros b Hb. enough (l <= (b - (1 - q)) / q) as H.
    { apply (Rmult_le_compat_l q) in H; [|lra].
      replace (q * ((b - (1 - q)) / q)) with (b - (1 - q)) in H by (field; lra). lra. }
    apply least. intros x (v & Hv & ->). specialize (Hb _ (ex_intro _ v (conj Hv eq_refl))).
    rewrite mixed_form, Hv in Hb.
    apply (Rmult_le_reg_l q); [assumption|].
    replace (q * ((b - (1 - q)) / q)) with (b - (1 - q)) by (field; lra). lra.
Qed.

Lemma mixed_smallest l : 0 < q -> smallest n M l -> smallest n mixed (q * l + (1 - q)).
Proof.
  intros Hq [below greatest]. split.
  - intros v Hv. rewrite mixed_form, Hv. pose proof (Rmult_le_compat_l q _ _ (Rlt_le _ _ Hq) (below v Hv)). lra.
  - intros b Hb. enough ((b - (1 - q)) / q <= l) as H.
    { apply (Rmult_le_compat_l q) in H; [|lra].
      replace (q * ((b - (1 - q)) / q)) with (b - (1 - q)) in H by (field; lra). lra. }
    apply greatest. intros v Hv. specialize (Hb v Hv). rewrite mixed_form, Hv in Hb.
    apply (Rmult_le_reg_l q); [assumption|].
    replace (q * ((b - (1 - q)) / q)) with (b - (1 - q)) by (field; lra). lra.
Qed.
End Mixed.

(** ** Variance of a combination *)

Section Combination.
Context {A : Type} (E : average A) (X : nat -> A -> R).
Hypothesis integrable_X : forall i, square_integrable E (X i).

Definition combination (l : list nat) (c : nat -> R) : A -> R := fun a => sum l (fun i => c i * X i a).

Lemma combination_cons i l c : combination (i :: l) c = fun a => combination l c a + c i * X i a.
Proof. apply functional_extensionality. intros a. unfold combination. cbn [sum]. ring. Qed.

Lemma combination_integrable l c : square_integrable E (combination l c).
Proof.
  induction l as [|i l IH].
  - apply (square_integrable_const E 0).
  - rewrite combination_cons. now apply square_integrable_lin.
Qed.

Lemma covariance_lin U V W c : square_integrable E U -> square_integrable E V -> square_integrable E W ->
  covariance E (fun a => U a + c * V a) W = covariance E U W + c * covariance E V W.
Proof.
  intros HU HV HW. rewrite !covariance_moments by auto using square_integrable_lin.
  assert (HUW := square_integrable_times E U W HU HW). assert (HVW := square_integrable_times E V W HV HW).
  replace (times (fun a => U a + c * V a) W) with (fun a => times U W a + c * times V W a) by pointwise.
  rewrite !mean_lin by (assumption || apply HU || apply HV). ring.
Qed.

Lemma covariance_zero W : square_integrable E W -> covariance E (fun _ => 0) W = 0.
Proof.
  intros HW. rewrite covariance_moments by (assumption || apply square_integrable_const).
  replace (times (fun _ => 0) W) with (fun _ : A => 0) by pointwise. rewrite mean_const. ring.
Qed.

Lemma covariance_combination l c W : square_integrable E W ->
  covariance E (combination l c) W = sum l (fun i => c i * covariance E (X i) W).
Proof.
  intros HW. induction l as [|i l IH].
  - now apply covariance_zero.
  - rewrite combination_cons, covariance_lin, IH by auto using combination_integrable. cbn [sum]. ring.
Qed.

Lemma variance_combination l c :
  variance E (combination l c) = sum l (fun i => sum l (fun j => c i * c j * covariance E (X i) (X j))).
Proof.
  unfold variance. rewrite covariance_combination by apply combination_integrable. apply sum_ext. intros i _.
  rewrite covariance_sym, covariance_combination, <- sum_scal by auto. apply sum_ext. intros j _.
  rewrite (covariance_sym E (X j) (X i)). ring.
Qed.
End Combination.

(** ** Correlation matrices, with or without gates *)

(** n square-integrable neurons of positive variance. *)
Section Neurons.
Context {A : Type} (E : average A) (n : nat) (X : nat -> A -> R).
Hypothesis integrable_X : forall i, square_integrable E (X i).
Hypothesis spread_X : forall i, (i < n)%nat -> 0 < variance E (X i).
Let R0 (i j : nat) : R := correlation E (X i) (X j).

(** A correlation matrix is positive semidefinite: its form is the variance of a combination. *)
Theorem c09_semidefinite v : 0 <= form n R0 v.
Proof.
  set (c := fun i => v i / sqrt (variance E (X i))).
  replace (form n R0 v) with (variance E (combination X (seq 0 n) c)).
  - now apply variance_nonneg, combination_integrable.
  - rewrite variance_combination by assumption. apply sum_ext. intros i Hi. apply sum_ext. intros j Hj.
    apply in_seq0 in Hi, Hj. unfold c, R0, correlation.
    pose proof (spread_X i Hi) as Hv. pose proof (spread_X j Hj) as Hw.
    rewrite sqrt_mult by lra. pose proof (sqrt_lt_R0 _ Hv). pose proof (sqrt_lt_R0 _ Hw). field. lra.
Qed.

(** No eigenvalue is above n, the sum of all. *)
Theorem c09_form_at_most_n v : form n R0 v <= INR n * squared_length n v.
Proof.
  assert (constant : forall x, sum (seq 0 n) (fun _ => x) = INR n * x).
  { intros x. rewrite <- (seq_length n 0) at 2. induction (seq 0 n) as [|i l IH]; cbn [sum length]; [cbn; ring|].
    rewrite IH, S_INR. ring. }
  apply Rle_trans with (sum (seq 0 n) (fun i => sum (seq 0 n) (fun j => / 2 * (v i * v i) + / 2 * (v j * v j)))).
  - apply sum_le. intros i Hi. apply sum_le. intros j Hj. apply in_seq0 in Hi, Hj.
    pose proof (correlation_le_1 E (X i) (X j) (integrable_X i) (integrable_X j) (spread_X i Hi)
      (spread_X j Hj)) as Hr. fold (R0 i j) in Hr.
    pose proof (Rle_abs (R0 i j)). pose proof (Rle_abs (- R0 i j)) as Ha. rewrite Rabs_Ropp in Ha.
    pose proof (Rle_0_sqr (v i - v j)) as Hm. pose proof (Rle_0_sqr (v i + v j)) as Hp. unfold Rsqr in *.
    pose proof (Rmult_le_pos (1 - R0 i j) _ ltac:(lra) Hp). pose proof (Rmult_le_pos (1 + R0 i j) _ ltac:(lra) Hm).
    nra.
  - right. transitivity (sum (seq 0 n) (fun i => INR n * (/ 2 * (v i * v i)) + / 2 * squared_length n v)).
    + apply sum_ext. intros i _. rewrite sum_plus, constant, sum_scal. reflexivity.
    + rewrite sum_plus, constant, !sum_scal. fold (squared_length n v). field.
Qed.

(** The largest and the smallest eigenvalue exist. *)
Theorem c09_extremes_exist : (0 < n)%nat -> (exists l, largest n R0 l) /\ exists l, smallest n R0 l.
Proof.
  intros Hn.
  assert (some : unit_vector n (identity 0)).
  { unfold unit_vector, squared_length. rewrite (identity_row n (identity 0) 0 Hn). reflexivity. }
  assert (bounded : forall v, unit_vector n v -> form n R0 v <= INR n).
  { intros v Hv. pose proof (c09_form_at_most_n v) as H. rewrite Hv in H. lra. }
  split.
  - destruct (completeness (fun x => exists v, unit_vector n v /\ x = form n R0 v)) as [l Hl].
    + exists (INR n). intros x (v & Hv & ->). now apply bounded.
    + exists (form n R0 (identity 0)). now exists (identity 0).
    + now exists l.
  - destruct (completeness (fun x => exists v, unit_vector n v /\ x = - form n R0 v)) as [l [above least]].
    + exists 0. intros x (v & _ & ->). pose proof (c09_semidefinite v). lra.
    + exists (- form n R0 (identity 0)). now exists (identity 0).
    + exists (- l). split.
      * intros v Hv. specialize (above _ (ex_intro _ v (conj Hv eq_refl))). lra.
      * intros b Hb. enough (l <= - b) by lra. apply least. intros x (v & Hv & ->). specialize (Hb v Hv). lra.
Qed.
End Neurons.

(** ** A layer behind gates *)

(** n neurons, each behind a gate of keep q of its own. Used of independence: the product rules of c02, for each two
    neurons and for each one by itself. A neuron has a variance, or a correlation has no meaning. *)
Record gated_layer {A} (E : average A) (n : nat) (G X : nat -> A -> R) (q : R) : Prop := Gated_layer {
  layer_integrable : forall i, square_integrable E (X i);
  layer_spread : forall i, (i < n)%nat -> 0 < variance E (X i);
  layer_gate : forall i, (i < n)%nat -> gate E (G i) q;
  layer_rules : forall i, (i < n)%nat -> product_rules E (G i) (G i) (X i) (X i);
  layer_pairs : forall i j, (i < n)%nat -> (j < n)%nat -> i <> j -> dropout E (G i) (G j) (X i) (X j) q q
}.

Section Layer.
Context {A : Type} (E : average A) (n : nat) (G X : nat -> A -> R) (q : R).
Hypothesis layer : gated_layer E n G X q.
(** q = 0 leaves no variance. *)
Hypothesis some_open : 0 < q.

(** The correlation matrices before and after. *)
Let R0 (i j : nat) : R := correlation E (X i) (X j).
Let R1 (i j : nat) : R := correlation E (times (G i) (X i)) (times (G j) (X j)).

Lemma gated_spread i : (i < n)%nat -> 0 < variance E (times (G i) (X i)).
Proof.
  intros Hi. rewrite (factors_variance_x E (G i) (G i) (X i) (X i)) by now apply (layer_rules _ _ _ _ _ layer).
  pose proof (layer_gate _ _ _ _ _ layer i Hi) as g. pose proof (layer_spread _ _ _ _ _ layer i Hi) as Hv.
  rewrite (gate_square E (G i) q g). destruct (gate_keep E (G i) q g) as [_ Hq].
  rewrite (gate_variance E (G i) q g). replace (mean E (G i)) with q by (symmetry; apply g).
  pose proof (Rmult_lt_0_compat _ _ some_open Hv).
  assert (0 <= q * (1 - q)) as Hg by (apply Rmult_le_pos; lra).
  pose proof (Rmult_le_pos _ _ Hg (Rle_0_sqr (mean E (X i)))) as Hr. unfold Rsqr in Hr. lra.
Qed.

(** c09. Centred neurons: R' = q R + (1-q) Id. *)
Theorem c09_conditioning :
  (* necessary wherever there is a correlation: c09_centring_necessary *)
  (forall i, (i < n)%nat -> mean E (X i) = 0) ->
  forall i j, (i < n)%nat -> (j < n)%nat -> R1 i j = q * R0 i j + (1 - q) * identity i j.
Proof.
  intros centred i j Hi Hj. unfold R1, R0, identity. destruct (Nat.eq_dec i j) as [<-|Hij].
  - rewrite !correlation_self by (apply gated_spread || apply (layer_spread _ _ _ _ _ layer); assumption). ring.
  - rewrite (c02_corr_linear E (G i) (G j) (X i) (X j)) with (q := q);
      auto using (layer_spread _ _ _ _ _ layer), (layer_pairs _ _ _ _ _ layer). ring.
Qed.

(** Without a mean of 0 it fails at every pair that is correlated. *)
Theorem c09_centring_necessary i j : (i < n)%nat -> (j < n)%nat -> i <> j -> q < 1 -> R0 i j <> 0 ->
  R1 i j = q * R0 i j + (1 - q) * identity i j -> mean E (X i) = 0 /\ mean E (X j) = 0.
Proof.
  intros Hi Hj Hij Hq Hr H. unfold identity in H. destruct (Nat.eq_dec i j) as [|_]; [contradiction|].
  apply (c02_centring_necessary E (G i) (G j) (X i) (X j)) with (q := q);
    auto using (layer_spread _ _ _ _ _ layer), (layer_pairs _ _ _ _ _ layer). unfold R1, R0 in H. lra.
Qed.

Section Centred.
Hypothesis centred : forall i, (i < n)%nat -> mean E (X i) = 0.
Hypothesis not_empty : (0 < n)%nat.

(** v' R' v = q v' R v + (1-q) |v|^2. *)
Theorem c09_quadratic_form v : form n R1 v = q * form n R0 v + (1 - q) * squared_length n v.
Proof. now apply mixed_form, c09_conditioning. Qed.

(** R' v = q R v + (1-q) v: the eigenvectors are the same ... *)
Theorem c09_applied v i : (i < n)%nat -> applied n R1 v i = q * applied n R0 v i + (1 - q) * v i.
Proof. now apply mixed_applied, c09_conditioning. Qed.
(** ... and l is an eigenvalue of R exactly if q l + 1-q is one of R'. *)
Theorem c09_eigenvalues l : eigenvalue n R0 l <-> eigenvalue n R1 (q * l + (1 - q)).
Proof. now apply mixed_eigenvalue; [apply c09_conditioning|]. Qed.

(** The largest and the smallest value of the form on unit vectors follow the same line. *)
Theorem c09_largest l : largest n R0 l -> largest n R1 (q * l + (1 - q)).
Proof. now apply mixed_largest; [apply c09_conditioning|]. Qed.
Theorem c09_smallest l : smallest n R0 l -> smallest n R1 (q * l + (1 - q)).
Proof. now apply mixed_smallest; [apply c09_conditioning|]. Qed.

Lemma keep_at_most_1 : q <= 1.
Proof. apply (gate_keep E (G 0%nat) q). now apply (layer_gate _ _ _ _ _ layer). Qed.

Lemma extremes_in_order l_max l_min :
  largest n R0 l_max -> smallest n R0 l_min -> 0 <= l_min <= l_max /\ l_max <= INR n.
Proof.
  intros [above least] [below greatest]. pose proof (layer_integrable _ _ _ _ _ layer) as HX.
  pose proof (layer_spread _ _ _ _ _ layer) as spread.
  assert (0 <= l_min) by (apply greatest; intros v _; now apply c09_semidefinite).
  assert (some : unit_vector n (identity 0)).
  { unfold unit_vector, squared_length. now rewrite (identity_row n (identity 0) 0 not_empty). }
  pose proof (below _ some). pose proof (above _ (ex_intro _ _ (conj some eq_refl))).
  assert (l_max <= INR n).
  { apply least. intros x (v & Hv & ->). pose proof (c09_form_at_most_n E n X HX spread v) as Hf.
    rewrite Hv in Hf. fold R0 in Hf. lra. }
  lra.
Qed.

(** cond(R') = (q l_max + 1-q) / (q l_min + 1-q); for q < 1 it exists however singular R is. *)
Theorem c09_condition_number l_max l_min : largest n R0 l_max -> smallest n R0 l_min -> (q < 1 \/ 0 < l_min) ->
  condition_number n R1 ((q * l_max + (1 - q)) / (q * l_min + (1 - q))).
Proof.
  intros Hmax Hmin Hpos. destruct (extremes_in_order _ _ Hmax Hmin) as [[H0 _] _]. pose proof keep_at_most_1.
  exists (q * l_max + (1 - q)), (q * l_min + (1 - q)).
  split; [now apply c09_largest|]. split; [now apply c09_smallest|]. split; [|reflexivity].
  pose proof (Rmult_le_pos q l_min ltac:(lra) H0). destruct Hpos as [|Hl]; [lra|].
  pose proof (Rmult_lt_0_compat q l_min some_open Hl). lra.
Qed.

(** It is at most (q l_max + 1-q) / (1-q), whatever R is: at q = .95 at most 19 l_max + 1. *)
Theorem c09_condition_bound l_max k : q < 1 -> largest n R0 l_max -> condition_number n R1 k ->
  k <= (q * l_max + (1 - q)) / (1 - q).
Proof.
  intros Hq Hmax (u_max & u_min & Hu & Hv & Hpos & ->).
  destruct (c09_extremes_exist E n X (layer_integrable _ _ _ _ _ layer) (layer_spread _ _ _ _ _ layer) not_empty)
    as [_ [l_min Hmin]].
  destruct (extremes_in_order _ _ Hmax Hmin) as [[H0 H1] _].
  assert (u_max = q * l_max + (1 - q)) as ->.
  { destruct Hu as [a1 a2], (c09_largest _ Hmax) as [b1 b2]. apply Rle_antisym; auto. }
  assert (u_min = q * l_min + (1 - q)) as ->.
  { destruct Hv as [a1 a2], (c09_smallest _ Hmin) as [b1 b2]. apply Rle_antisym; auto. }
  pose proof (Rmult_le_pos q l_min ltac:(lra) H0). pose proof (Rmult_le_pos q l_max ltac:(lra) ltac:(lra)).
  apply Rmult_le_compat_l; [lra|]. apply Rinv_le_contravar; lra.
Qed.

(** Gates never make the condition number larger, and smaller unless all eigenvalues are one or all gates are open. *)
Theorem c09_condition_improves l_max l_min : largest n R0 l_max -> smallest n R0 l_min -> 0 < l_min ->
  (q * l_max + (1 - q)) / (q * l_min + (1 - q)) <= l_max / l_min /\
  (q < 1 -> l_min < l_max -> (q * l_max + (1 - q)) / (q * l_min + (1 - q)) < l_max / l_min).
Proof.
  intros Hmax Hmin Hpos. destruct (extremes_in_order _ _ Hmax Hmin) as [[_ H1] _]. pose proof keep_at_most_1 as Hq.
  pose proof (Rmult_lt_0_compat q l_min some_open Hpos) as Hd.
  assert (difference : l_max / l_min - (q * l_max + (1 - q)) / (q * l_min + (1 - q)) =
    (1 - q) * (l_max - l_min) * / (l_min * (q * l_min + (1 - q)))) by (field; lra).
  assert (0 < / (l_min * (q * l_min + (1 - q)))) as Hi by (apply Rinv_0_lt_compat, Rmult_lt_0_compat; lra).
  split.
  - enough (0 <= (1 - q) * (l_max - l_min) * / (l_min * (q * l_min + (1 - q)))) by lra.
    apply Rmult_le_pos; [apply Rmult_le_pos; lra|lra].
  - intros Hq1 Hl. enough (0 < (1 - q) * (l_max - l_min) * / (l_min * (q * l_min + (1 - q)))) by lra.
    apply Rmult_lt_0_compat; [apply Rmult_lt_0_compat; lra|lra].
Qed.
End Centred.
End Layer.

(** ** Independent gates beside any law *)

Lemma expectation_first_gate q qs (Hq : 0 <= q <= 1) means means' f :
  expectation (bernoulli_gates (q :: qs) means) f =
  q * expectation (bernoulli_gates qs means') (fun s => f (true :: s)) +
  (1 - q) * expectation (bernoulli_gates qs means') (fun s => f (false :: s)).
Proof.
  rewrite (expectation_same_law _ _ f (bernoulli_gates_cons q qs Hq means means')).
  now rewrite expectation_push, expectation_product, expectation_bernoulli.
Qed.

Lemma expectation_one_gate q n means i : (i < n)%nat ->
  expectation (bernoulli_gates (repeat q n) means) (fun s => opening (nth i s false)) = q.
Proof.
  revert means i. induction n as [|n IH]; [lia|]. cbn [repeat]. intros means i Hi. inversion means; subst.
  rewrite (expectation_first_gate q (repeat q n) ltac:(assumption) means ltac:(assumption)).
  destruct i as [|i]; cbn [nth opening].
  - rewrite !expectation_const. ring.
  - rewrite IH by lia. ring.
Qed.

Lemma expectation_two_gates q n means i j : (i < n)%nat -> (j < n)%nat -> i <> j ->
  expectation (bernoulli_gates (repeat q n) means)
    (fun s => opening (nth i s false) * opening (nth j s false)) = q * q.
Proof.
  revert means i j. induction n as [|n IH]; [lia|]. cbn [repeat]. intros means i j Hi Hj Hij. inversion means; subst.
  rewrite (expectation_first_gate q (repeat q n) ltac:(assumption) means ltac:(assumption)).
  destruct i as [|i], j as [|j]; try lia; cbn [nth opening].
  - rewrite !expectation_scal, expectation_one_gate by lia. ring.
  - rewrite (expectation_ext _ (fun s => _ * 1) (fun s => opening (nth i s false))) by (intros; ring).
    rewrite (expectation_ext _ (fun s => _ * 0) (fun s => 0)) by (intros; ring).
    rewrite expectation_one_gate, expectation_const by lia. ring.
  - rewrite IH by lia. ring.
Qed.

(** n square-integrable neurons of any joint law, and n independent gates of keep q beside it. *)
Theorem c09_independent_gates {A} (E : average A) (n : nat) (X : nat -> A -> R) (q : R)
    (means : probabilities (repeat q n)) :
  (forall i, square_integrable E (X i)) -> (forall i, (i < n)%nat -> 0 < variance E (X i)) ->
  gated_layer (beside (bernoulli_gates (repeat q n) means) E) n
    (fun i w => opening (nth i (fst w) false)) (fun i w => X i (snd w)) q.
Proof.
  intros HX Hv. set (r := bernoulli_gates (repeat q n) means).
  assert (rules : forall i j, product_rules (beside r E) (fun w => opening (nth i (fst w) false))
    (fun w => opening (nth j (fst w) false)) (fun w => X i (snd w)) (fun w => X j (snd w))).
  { intros i j. apply (beside_product_rules r E (fun s => opening (nth i s false)) (fun s => opening (nth j s false)));
      auto. }
  assert (gates : forall i, (i < n)%nat -> gate (beside r E) (fun w => opening (nth i (fst w) false)) q).
  { intros i Hi. rewrite <- (expectation_one_gate q n means i Hi).
    apply (beside_gate r E (fun s => nth i s false)). }
  split; auto.
  - intros i. apply (rules i i).
  - intros i Hi. rewrite <- (image_variance snd (beside r E) E (image_snd r E) (X i)). auto.
  - intros i j Hi Hj Hij. split; auto. rewrite <- (expectation_two_gates q n means i j Hi Hj Hij).
    apply (beside_mean_fst r E (fun s => opening (nth i s false) * opening (nth j s false))).
Qed.
