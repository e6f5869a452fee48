(** Entropy and mutual information of finite laws, in nats. *)
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

Section Information.
Context {A B C D : Type} `{eq_dec A} `{eq_dec B} `{eq_dec C} `{eq_dec D}.

(** Neither depends on the list that carries the law. *)
Lemma entropy_same_law (p r : law A) : same_law p r -> entropy p = entropy r.
Admitted.
Lemma mutual_information_same_law (p r : law (A * B)) : same_law p r -> mutual_information p = mutual_information r.
Admitted.

(** As expectations of the surprise, without the alphabet of the image. *)
Lemma entropy_push (f : A -> B) (p : law A) :
  entropy (push f p) = - expectation p (fun a => ln (mass (push f p) (f a))).
Admitted.
Lemma mutual_information_push (f : A -> B) (k : A -> C) (p : law A) :
  mutual_information (push (fun a => (f a, k a)) p) =
  expectation p (fun a => ln (mass (push (fun a => (f a, k a)) p) (f a, k a) / (mass (push f p) (f a) * mass (push k p) (k a)))).
Admitted.

(** The second way to mutual information. *)
Lemma mutual_information_entropies (p : law (A * B)) :
  mutual_information p = entropy (first p) + entropy (second p) - entropy p.
Admitted.

Lemma entropy_nonneg (p : law A) : 0 <= entropy p.
Admitted.
Lemma mutual_information_nonneg (p : law (A * B)) : 0 <= mutual_information p.
Admitted.
(** 0 exactly for independent coordinates. *)
Lemma mutual_information_zero (p : law (A * B)) :
  mutual_information p = 0 <-> forall a b, mass p (a, b) = mass (first p) a * mass (second p) b.
Admitted.

Lemma entropy_product (p : law A) (r : law B) : entropy (product p r) = entropy p + entropy r.
Admitted.
Lemma entropy_bernoulli q (Hq : 0 <= q <= 1) : entropy (bernoulli q Hq) = binary_entropy q.
Admitted.

(** A map that is injective where there is mass keeps the entropy; any other loses. *)
Lemma entropy_injective (f : A -> B) (p : law A) :
  (forall a b, 0 < mass p a -> 0 < mass p b -> f a = f b -> a = b) -> entropy (push f p) = entropy p.
Admitted.
Lemma entropy_push_le (f : A -> B) (p : law A) : entropy (push f p) <= entropy p.
Admitted.
Lemma entropy_push_eq (f : A -> B) (p : law A) :
  entropy (push f p) = entropy p <-> (forall a b, 0 < mass p a -> 0 < mass p b -> f a = f b -> a = b).
Admitted.

(** The same for mutual information, with maps of each coordinate. *)
Lemma mutual_information_injective (f : A -> C) (k : B -> D) (p : law (A * B)) :
  (forall a b, 0 < mass (first p) a -> 0 < mass (first p) b -> f a = f b -> a = b) ->
  (forall a b, 0 < mass (second p) a -> 0 < mass (second p) b -> k a = k b -> a = b) ->
  mutual_information (push (pair_map f k) p) = mutual_information p.
Admitted.

(** Data processing, and when nothing is lost. *)
Lemma data_processing (f : A -> C) (k : B -> D) (p : law (A * B)) :
  mutual_information (push (pair_map f k) p) <= mutual_information p.
Admitted.
Lemma data_processing_equality (f : A -> C) (k : B -> D) (p : law (A * B)) :
  mutual_information (push (pair_map f k) p) = mutual_information p <->
  (forall a b,
     mass p (a, b) * (mass (push f (first p)) (f a) * mass (push k (second p)) (k b)) =
     mass (first p) a * mass (second p) b * mass (push (pair_map f k) p) (f a, k b)).
Admitted.
End Information.
