(** Entropy and mutual information of finite laws, in nats: definitions and first properties. *)
From Coq Require Import Reals List Lra.
From Iclab Require Export law.
Import ListNotations.
Open Scope R_scope.

(** H(p) = - sum p(a) ln p(a). Coq's [ln 0] is 0, and it is multiplied by 0 besides. *)
Definition entropy {A} (p : law A) : R := - sum (support p) (fun a => mass p a * ln (mass p a)).

(** I(p) = sum p(a,b) ln (p(a,b) / (p(a) p(b))), the margins being those of the joint law p. *)
Definition mutual_information {A B} `{eq_dec A} `{eq_dec B} (p : law (A * B)) : R :=
  sum (support p) (fun ab => mass p ab * ln (mass p ab / (mass (first p) (fst ab) * mass (second p) (snd ab)))).

(** The entropy of a gate. *)
Definition binary_entropy (q : R) : R := - (q * ln q) - (1 - q) * ln (1 - q).

(** Each coordinate of a pair mapped by itself. *)
Definition pair_map {A B C D} (f : A -> C) (k : B -> D) (ab : A * B) : C * D := (f (fst ab), k (snd ab)).

(** ln z <= z - 1, with equality at 1 ... *)
Lemma ln_below (z : R) : 0 < z -> ln z <= z - 1.
Proof.
  intros Hz. destruct (Req_dec z 1) as [->|H].
  - rewrite ln_1. lra.
  - pose proof (exp_ineq1 (ln z)) as He.
    assert (ln z <> 0) as Hn. { intros E. apply H. rewrite <- (exp_ln z Hz), E. apply exp_0. }
    specialize (He Hn). rewrite exp_ln in He by assumption. lra.
Qed.
(** ... only there. *)
Lemma ln_below_eq (z : R) : 0 < z -> ln z = z - 1 -> z = 1.
Proof.
  intros Hz E. destruct (Req_dec z 1) as [->|H]; [reflexivity|exfalso].
  assert (ln z <> 0) as Hn. { intros E0. apply H. rewrite <- (exp_ln z Hz), E0. apply exp_0. }
  pose proof (exp_ineq1 (ln z) Hn) as He. rewrite exp_ln in He by assumption. lra.
Qed.

Lemma ln_quotient (a b : R) : 0 < a -> 0 < b -> ln (a / b) = ln a - ln b.
Proof.
  intros Ha Hb. unfold Rdiv. rewrite ln_mult, ln_Rinv by (assumption || now apply Rinv_0_lt_compat). ring.
Qed.

Section Expectations.
Context {A B : Type} `{eq_dec A} `{eq_dec B}.

(** Entropy is the mean surprise; mutual information the mean of the log density. *)
Lemma entropy_expectation (p : law A) : entropy p = - expectation p (fun a => ln (mass p a)).
Proof. reflexivity. Qed.
(** Neither depends on the list that carries the law. *)
Lemma entropy_same_law (p r : law A) : same_law p r -> entropy p = entropy r.
Proof.
  intros E. rewrite !entropy_expectation. f_equal. rewrite (expectation_same_law p r) by assumption.
  apply expectation_ext. intros a _. now rewrite E.
Qed.
Lemma mutual_information_expectation (p : law (A * B)) :
  mutual_information p =
  expectation p (fun ab => ln (mass p ab / (mass (first p) (fst ab) * mass (second p) (snd ab)))).
Proof. reflexivity. Qed.
Lemma mutual_information_same_law (p r : law (A * B)) : same_law p r -> mutual_information p = mutual_information r.
Proof.
  intros E. rewrite !mutual_information_expectation, (expectation_same_law p r) by assumption.
  apply expectation_ext. intros ab _. unfold first, second.
  now rewrite E, (push_same_law fst p r E), (push_same_law snd p r E).
Qed.
End Expectations.
Section Images.
Context {A B C : Type} `{eq_dec A} `{eq_dec B} `{eq_dec C}.
(** Of an image, without its alphabet. *)
Lemma entropy_push (f : A -> B) (p : law A) :
  entropy (push f p) = - expectation p (fun a => ln (mass (push f p) (f a))).
Proof. rewrite entropy_expectation. f_equal. exact (expectation_push f p (fun b => ln (mass (push f p) b))). Qed.
Lemma mutual_information_push (f : A -> B) (k : A -> C) (p : law A) :
  mutual_information (push (fun a => (f a, k a)) p) =
  expectation p (fun a =>
    ln (mass (push (fun a => (f a, k a)) p) (f a, k a) / (mass (push f p) (f a) * mass (push k p) (k a)))).
Proof.
  rewrite mutual_information_expectation, expectation_push.
  apply expectation_ext. intros a _. cbn [fst snd]. unfold first, second.
  rewrite (push_push (fun a => (f a, k a)) fst p), (push_push (fun a => (f a, k a)) snd p). reflexivity.
Qed.

Lemma expectation_opp (p : law A) f : expectation p (fun a => - f a) = - expectation p f.
Proof. unfold expectation. rewrite <- sum_opp. apply sum_ext. intros; ring. Qed.
Lemma expectation_plus (p : law A) f k : expectation p (fun a => f a + k a) = expectation p f + expectation p k.
Proof. unfold expectation. rewrite <- sum_plus. apply sum_ext. intros; ring. Qed.
Lemma first_ge (p : law (A * B)) ab : mass p ab <= mass (first p) (fst ab).
Proof. apply (push_ge fst p ab). Qed.
Lemma second_ge (p : law (A * B)) ab : mass p ab <= mass (second p) (snd ab).
Proof. apply (push_ge snd p ab). Qed.
End Images.

Section Entropies.
Context {A B : Type} `{eq_dec A} `{eq_dec B}.
(** The second way to mutual information. *)
Lemma mutual_information_entropies (p : law (A * B)) :
  mutual_information p = entropy (first p) + entropy (second p) - entropy p.
Proof.
  unfold first, second. rewrite !entropy_push, entropy_expectation, mutual_information_expectation.
  assert (forall u v w : R, - u + - v - - w = w + (- u + - v)) as -> by (intros; ring).
  rewrite <- !expectation_opp, <- !expectation_plus. apply expectation_ext. intros ab Hp.
  pose proof (first_ge p ab). pose proof (second_ge p ab). unfold first, second in *.
  rewrite ln_quotient, ln_mult by (try apply Rmult_lt_0_compat; lra). ring.
Qed.

Lemma ln_nonpos z : 0 <= z <= 1 -> ln z <= 0.
Proof.
  intros [Hz Hz1]. destruct (Rle_lt_or_eq_dec 0 z Hz) as [Hp|<-].
  - pose proof (ln_below z Hp). lra.
  - unfold ln. destruct (Rlt_dec 0 0) as [E|E]; [exfalso; lra | apply Rle_refl].
Qed.
Lemma expectation_nonneg (p : law A) f : (forall a, 0 < mass p a -> 0 <= f a) -> 0 <= expectation p f.
Proof.
  intros Hf. apply sum_nonneg. intros a _. destruct (mass_zero_or_positive p a) as [->|Hp]; [lra|].
  apply Rmult_le_pos; [lra|auto].
Qed.
Lemma entropy_nonneg (p : law A) : 0 <= entropy p.
Proof.
  rewrite entropy_expectation, <- expectation_opp. apply expectation_nonneg. intros a Hp.
  pose proof (ln_nonpos (mass p a)). pose proof (mass_le_1 p a). lra.
Qed.

Lemma entropy_product (p : law A) (r : law B) : entropy (product p r) = entropy p + entropy r.
Proof.
  rewrite (entropy_expectation (product p r)), expectation_product.
  rewrite (expectation_ext p _ (fun a => ln (mass p a) + expectation r (fun b => ln (mass r b)))).
  - rewrite expectation_plus, expectation_const, !entropy_expectation. ring.
  - intros a Ha. rewrite <- (expectation_const r (ln (mass p a))), <- expectation_plus.
    apply expectation_ext. intros b Hb. cbn [fst snd mass product]. now rewrite ln_mult.
Qed.
Lemma entropy_bernoulli q (Hq : 0 <= q <= 1) : entropy (bernoulli q Hq) = binary_entropy q.
Proof. unfold entropy, binary_entropy. cbn. ring. Qed.
End Entropies.
