(** Laws on a finite set of outcomes: push-forward, product, margins, expectation. *)
From Coq Require Import Reals List Lra.
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

Program Definition push {A B} `{eq_dec B} (f : A -> B) (p : law A) : law B :=
  Law B (nodup equal (map f (support p))) (push_mass f p) _ _ _ _.
Next Obligation. Admitted.
Next Obligation. Admitted.
Next Obligation. Admitted.
Next Obligation. Admitted.

(** Independent outcomes. *)
Program Definition product {A B} (p : law A) (r : law B) : law (A * B) :=
  Law (A * B) (list_prod (support p) (support r)) (fun ab => mass p (fst ab) * mass r (snd ab)) _ _ _ _.
Next Obligation. Admitted.
Next Obligation. Admitted.
Next Obligation. Admitted.
Next Obligation. Admitted.

(** The two margins of a pair. *)
Definition first {A B} `{eq_dec A} (p : law (A * B)) : law A := push fst p.
Definition second {A B} `{eq_dec B} (p : law (A * B)) : law B := push snd p.

(** A gate: open ([true]) with probability q. *)
Program Definition bernoulli (q : R) (q_is_probability : 0 <= q <= 1) : law bool :=
  Law bool [true; false] (fun open => if open then q else 1 - q) _ _ _ _.
Next Obligation. Admitted.
Next Obligation. Admitted.
Next Obligation. Admitted.
Next Obligation. Admitted.

(** Laws are compared outcome by outcome; the lists that carry them may differ. *)
Definition same_law {A} (p r : law A) : Prop := forall a, mass p a = mass r a.

Section Laws.
Context {A B C D : Type} `{eq_dec A} `{eq_dec B} `{eq_dec C} `{eq_dec D}.

Lemma mass_in_support (p : law A) a : 0 < mass p a -> In a (support p).
Admitted.
Lemma mass_le_1 (p : law A) a : mass p a <= 1.
Admitted.
(** The expectation behind a map: no alphabet of the image is needed. *)
Lemma expectation_push (f : A -> B) (p : law A) (k : B -> R) :
  expectation (push f p) k = expectation p (fun a => k (f a)).
Admitted.
Lemma expectation_ext (p : law A) (f k : A -> R) :
  (forall a, 0 < mass p a -> f a = k a) -> expectation p f = expectation p k.
Admitted.
Lemma expectation_same_law (p r : law A) (f : A -> R) : same_law p r -> expectation p f = expectation r f.
Admitted.
Lemma expectation_product (p : law A) (r : law B) (f : A * B -> R) :
  expectation (product p r) f = expectation p (fun a => expectation r (fun b => f (a, b))).
Admitted.
Lemma push_push (f : A -> B) (k : B -> C) (p : law A) : same_law (push k (push f p)) (push (fun a => k (f a)) p).
Admitted.
(** Only outcomes of positive mass count. *)
Lemma push_ext (f k : A -> B) (p : law A) : (forall a, 0 < mass p a -> f a = k a) -> same_law (push f p) (push k p).
Admitted.
Lemma push_same_law (f : A -> B) (p r : law A) : same_law p r -> same_law (push f p) (push f r).
Admitted.
(** A map that is injective where there is mass moves the masses and changes none. *)
Lemma push_injective (f : A -> B) (p : law A) a :
  (forall b, 0 < mass p b -> f b = f a -> b = a) -> mass (push f p) (f a) = mass p a.
Admitted.
(** An outcome has at most the mass of its image. *)
Lemma push_ge (f : A -> B) (p : law A) a : mass p a <= mass (push f p) (f a).
Admitted.
Lemma push_positive (f : A -> B) (p : law A) b : 0 < mass (push f p) b -> exists a, 0 < mass p a /\ f a = b.
Admitted.
Lemma first_mass (p : law (A * B)) a : forall l : list B, NoDup l -> (forall b, 0 < mass p (a, b) -> In b l) ->
  mass (first p) a = sum l (fun b => mass p (a, b)).
Admitted.
Lemma second_mass (p : law (A * B)) b : forall l : list A, NoDup l -> (forall a, 0 < mass p (a, b) -> In a l) ->
  mass (second p) b = sum l (fun a => mass p (a, b)).
Admitted.
Lemma first_product (p : law A) (r : law B) : same_law (first (product p r)) p.
Admitted.
Lemma second_product (p : law A) (r : law B) : same_law (second (product p r)) r.
Admitted.
End Laws.
