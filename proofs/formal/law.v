(** Laws on a finite set of outcomes: push-forward, product, margins, expectation. *)
From Coq Require Import Reals List Lra.
From Coq Require FinFun.
From Iclab Require Export finite_sum.
Import ListNotations.
Open Scope R_scope.

(** A law on any type of which finitely many outcomes carry the whole mass. The support may hold outcomes of mass 0. *)
Record law (A : Type) := Law {
  support : list A;
  mass : A -> R;
  support_once : NoDup support;
  mass_nonneg : forall a, 0 <= mass a;
  mass_off_support : forall a, ~ In a support -> mass a = 0;
  mass_total : sum support mass = 1
}.
Arguments support {A}. Arguments mass {A}. Arguments support_once {A}. Arguments mass_nonneg {A}.
Arguments mass_off_support {A}. Arguments mass_total {A}.

(** Expectation of a function of the outcome. *)
Definition expectation {A} (p : law A) (f : A -> R) : R := sum (support p) (fun a => mass p a * f a).

(** The law of [f a] when a has law p: P(f = b) is the mass of the fibre of b. *)
Definition push_mass {A B} `{eq_dec B} (f : A -> B) (p : law A) (b : B) : R :=
  sum (support p) (fun a => if equal (f a) b then mass p a else 0).

Lemma push_mass_nonneg {A B} `{eq_dec B} (f : A -> B) (p : law A) b : 0 <= push_mass f p b.
Proof.
  apply sum_nonneg. intros a _. destruct (equal (f a) b); [apply mass_nonneg|lra].
Qed.
Lemma push_mass_off {A B} `{eq_dec B} (f : A -> B) (p : law A) b :
  ~ In b (nodup equal (map f (support p))) -> push_mass f p b = 0.
Proof.
  intros outside. apply sum_zero. intros a inside. destruct (equal (f a) b) as [<-|_]; [|reflexivity].
  destruct outside. apply nodup_In. now apply in_map.
Qed.
Lemma push_mass_total {A B} `{eq_dec B} (f : A -> B) (p : law A) :
  sum (nodup equal (map f (support p))) (push_mass f p) = 1.
Proof.
  rewrite <- (mass_total p). apply sum_fibres; [apply NoDup_nodup|].
  intros a inside. apply nodup_In. now apply in_map.
Qed.

Program Definition push {A B} `{eq_dec B} (f : A -> B) (p : law A) : law B :=
  Law B (nodup equal (map f (support p))) (push_mass f p) _ _ _ _.
Next Obligation. apply NoDup_nodup. Qed.
Next Obligation. apply push_mass_nonneg. Qed.
Next Obligation. now apply push_mass_off. Qed.
Next Obligation. apply push_mass_total. Qed.

Lemma app_once {A} (l m : list A) : NoDup l -> NoDup m -> (forall a, In a l -> ~ In a m) -> NoDup (l ++ m).
Proof.
  intros once_l once_m apart. induction once_l as [|a l fresh _ IH]; simpl in *; [assumption|].
  constructor; [|now apply IH; intros b inside; apply apart; right].
  rewrite in_app_iff. intros [again|later]; [easy|]. now apply (apart a); [left|].
Qed.
Lemma list_prod_once {A B} (l : list A) (m : list B) : NoDup l -> NoDup m -> NoDup (list_prod l m).
Proof.
  intros once_l once_m. induction once_l as [|a l fresh _ IH]; simpl; [constructor|].
  apply app_once; [|assumption|].
  - apply FinFun.Injective_map_NoDup; [intros b c same; congruence|assumption].
  - intros ab row below. apply in_map_iff in row as (b & <- & _). now apply in_prod_iff in below as [inside _].
Qed.

Lemma product_mass_off {A B} (p : law A) (r : law B) ab :
  ~ In ab (list_prod (support p) (support r)) -> mass p (fst ab) * mass r (snd ab) = 0.
Proof.
  destruct ab as [a b]. rewrite in_prod_iff. simpl. intros outside.
  destruct (Req_EM_T (mass p a) 0) as [->|heavy_a]; [ring|].
  destruct (Req_EM_T (mass r b) 0) as [->|heavy_b]; [ring|]. exfalso.
  apply heavy_a, mass_off_support. intros inside_a. apply heavy_b, mass_off_support. tauto.
Qed.

(** Independent outcomes. *)
Program Definition product {A B} (p : law A) (r : law B) : law (A * B) :=
  Law (A * B) (list_prod (support p) (support r)) (fun ab => mass p (fst ab) * mass r (snd ab)) _ _ _ _.
Next Obligation. apply list_prod_once; apply support_once. Qed.
Next Obligation. apply Rmult_le_pos; apply mass_nonneg. Qed.
Next Obligation. now apply product_mass_off. Qed.
Next Obligation.
  rewrite sum_list_prod, <- (mass_total p). apply sum_ext. intros a _. simpl.
  rewrite sum_scal, mass_total. ring.
Qed.

(** The two margins of a pair. *)
Definition first {A B} `{eq_dec A} (p : law (A * B)) : law A := push fst p.
Definition second {A B} `{eq_dec B} (p : law (A * B)) : law B := push snd p.

(** A gate: open ([true]) with probability q. *)
Program Definition bernoulli (q : R) (q_is_probability : 0 <= q <= 1) : law bool :=
  Law bool [true; false] (fun open => if open then q else 1 - q) _ _ _ _.
Next Obligation. repeat constructor; simpl; intuition discriminate. Qed.
Next Obligation. destruct a; lra. Qed.
Next Obligation. destruct a; tauto. Qed.
Next Obligation. simpl. lra. Qed.

(** Laws are compared outcome by outcome; the lists that carry them may differ. *)
Definition same_law {A} (p r : law A) : Prop := forall a, mass p a = mass r a.

Section Expectations.
Context {A B : Type} `{eq_dec A} `{eq_dec B}.

Lemma mass_zero_or_positive (p : law A) a : mass p a = 0 \/ 0 < mass p a.
Proof.
  destruct (mass_nonneg p a); [now right|now left].
Qed.
Lemma sum_positive (l : list A) (f : A -> R) : 0 < sum l f -> exists a, In a l /\ 0 < f a.
Proof.
  induction l as [|a l IH]; simpl; intros heavy; [lra|]. destruct (Rlt_dec 0 (f a)) as [here|not_here].
  - exists a. tauto.
  - destruct IH as (b & inside & there); [lra|]. exists b. tauto.
Qed.
(** Probabilities are expectations of indicators. *)
Lemma mass_push (f : A -> B) (p : law A) b :
  mass (push f p) b = expectation p (fun a => if equal (f a) b then 1 else 0).
Proof.
  apply sum_ext. intros a _. destruct (equal (f a) b); ring.
Qed.
Lemma expectation_point (p : law A) a : expectation p (fun b => if equal b a then 1 else 0) = mass p a.
Proof.
  rewrite <- (sum_pick (support p) a (mass p) (support_once p) (mass_off_support p a)).
  apply sum_ext. intros b _. destruct (equal b a); ring.
Qed.
Lemma expectation_const (p : law A) (c : R) : expectation p (fun _ => c) = c.
Proof.
  unfold expectation. rewrite (sum_ext _ _ (fun a => c * mass p a)) by (intros; ring).
  rewrite sum_scal, mass_total. ring.
Qed.
Lemma mass_in_support (p : law A) a : 0 < mass p a -> In a (support p).
Proof.
  intros heavy. destruct (in_dec equal a (support p)) as [inside|outside]; [assumption|].
  rewrite mass_off_support in heavy; [lra|assumption].
Qed.
Lemma mass_le_1 (p : law A) a : mass p a <= 1.
Proof.
  rewrite <- (mass_total p). destruct (Req_EM_T (mass p a) 0) as [->|heavy].
  - apply sum_nonneg. intros; apply mass_nonneg.
  - rewrite <- (sum_pick (support p) a (mass p) (support_once p) (mass_off_support p a)).
    apply sum_le. intros b _. destruct (equal b a); [lra|apply mass_nonneg].
Qed.
(** The expectation behind a map: no alphabet of the image is needed. *)
Lemma expectation_push (f : A -> B) (p : law A) (k : B -> R) :
  expectation (push f p) k = expectation p (fun a => k (f a)).
Proof.
  unfold expectation. simpl.
  rewrite <- (sum_fibres (support p) (nodup equal (map f (support p))) f); [|apply NoDup_nodup|].
  - apply sum_ext. intros b _. unfold push_mass. rewrite Rmult_comm, <- sum_scal. apply sum_ext.
    intros a _. destruct (equal (f a) b) as [<-|_]; ring.
  - intros a inside. apply nodup_In. now apply in_map.
Qed.
Lemma expectation_ext (p : law A) (f k : A -> R) :
  (forall a, 0 < mass p a -> f a = k a) -> expectation p f = expectation p k.
Proof.
  intros agree. apply sum_ext. intros a _. destruct (mass_zero_or_positive p a) as [->|heavy]; [ring|].
  now rewrite agree.
Qed.
Lemma expectation_same_law (p r : law A) (f : A -> R) : same_law p r -> expectation p f = expectation r f.
Proof.
  intros same. unfold expectation.
  rewrite (sum_ext (support r) _ (fun a => mass p a * f a)) by (intros a _; now rewrite same).
  apply sum_support; try apply support_once; intros a outside; [|rewrite same];
    rewrite mass_off_support by assumption; ring.
Qed.
Lemma expectation_product (p : law A) (r : law B) (f : A * B -> R) :
  expectation (product p r) f = expectation p (fun a => expectation r (fun b => f (a, b))).
Proof.
  unfold expectation. simpl. rewrite sum_list_prod. apply sum_ext. intros a _.
  rewrite <- sum_scal. apply sum_ext. intros b _. simpl. ring.
Qed.
End Expectations.

Section Maps.
Context {A B C : Type} `{eq_dec A} `{eq_dec B} `{eq_dec C}.

Lemma push_push (f : A -> B) (k : B -> C) (p : law A) : same_law (push k (push f p)) (push (fun a => k (f a)) p).
Proof.
  intros c. rewrite !mass_push. now rewrite expectation_push.
Qed.
(** Only outcomes of positive mass count. *)
Lemma push_ext (f k : A -> B) (p : law A) : (forall a, 0 < mass p a -> f a = k a) -> same_law (push f p) (push k p).
Proof.
  intros agree b. rewrite !mass_push. apply expectation_ext. intros a heavy. now rewrite agree.
Qed.
Lemma push_same_law (f : A -> B) (p r : law A) : same_law p r -> same_law (push f p) (push f r).
Proof.
  intros same b. rewrite !mass_push. now apply expectation_same_law.
Qed.
(** A map that is injective where there is mass moves the masses and changes none. *)
Lemma push_injective (f : A -> B) (p : law A) a :
  (forall b, 0 < mass p b -> f b = f a -> b = a) -> mass (push f p) (f a) = mass p a.
Proof.
  intros separate. rewrite mass_push.
  rewrite (expectation_ext p _ (fun b => if equal b a then 1 else 0)); [apply expectation_point|].
  intros b heavy. destruct (equal (f b) (f a)) as [same|differ], (equal b a) as [->|other]; try easy.
  now destruct other; apply separate.
Qed.
(** An outcome has at most the mass of its image. *)
Lemma push_ge (f : A -> B) (p : law A) a : mass p a <= mass (push f p) (f a).
Proof.
  rewrite mass_push, <- (expectation_point p a). apply sum_le. intros b _.
  apply Rmult_le_compat_l; [apply mass_nonneg|].
  destruct (equal b a) as [->|_], (equal (f _) (f _)); try lra. easy.
Qed.
Lemma push_positive (f : A -> B) (p : law A) b : 0 < mass (push f p) b -> exists a, 0 < mass p a /\ f a = b.
Proof.
  simpl. unfold push_mass. intros heavy. apply sum_positive in heavy as (a & _ & heavy). exists a.
  destruct (equal (f a) b); [now split|lra].
Qed.
End Maps.

Section Margins.
Context {A B : Type} `{eq_dec A} `{eq_dec B}.

Lemma first_product (p : law A) (r : law B) : same_law (first (product p r)) p.
Proof.
  intros a. unfold first. rewrite mass_push, expectation_product, <- (expectation_point p a).
  apply sum_ext. intros b _. simpl. now rewrite expectation_const.
Qed.
Lemma second_product (p : law A) (r : law B) : same_law (second (product p r)) r.
Proof.
  intros b. unfold second. rewrite mass_push, expectation_product. simpl.
  rewrite (expectation_point r b). apply expectation_const.
Qed.
End Margins.
