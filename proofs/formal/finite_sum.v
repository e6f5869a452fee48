(** Sums of real numbers over a list. *)
From Coq Require Import Reals List Lra.
Import ListNotations.
Open Scope R_scope.

(** Equality that can be decided, as entropy and push-forward need it of an alphabet. *)
Class eq_dec (A : Type) := equal : forall a b : A, {a = b} + {a <> b}.

#[export] Instance eq_dec_R : eq_dec R := Req_EM_T.
#[export] Instance eq_dec_bool : eq_dec bool := Bool.bool_dec.
#[export] Instance eq_dec_nat : eq_dec nat := PeanoNat.Nat.eq_dec.
#[export] Instance eq_dec_unit : eq_dec unit.
Proof. intros [] []; now left. Defined.
#[export] Instance eq_dec_pair {A B} `{eq_dec A} `{eq_dec B} : eq_dec (A * B).
Proof. intros a b. decide equality; apply equal. Defined.
#[export] Instance eq_dec_list {A} `{eq_dec A} : eq_dec (list A) := list_eq_dec equal.

Fixpoint sum {A : Type} (l : list A) (f : A -> R) : R :=
  match l with
  | [] => 0
  | a :: rest => f a + sum rest f
  end.

(** 1 if it is so, else 0: [indicator (equal a b)]. *)
Definition indicator {P Q : Prop} (d : {P} + {Q}) : R := if d then 1 else 0.

Section Sums.
Context {A B : Type}.

Lemma sum_ext (l : list A) (f h : A -> R) : (forall a, In a l -> f a = h a) -> sum l f = sum l h.
Admitted.
Lemma sum_zero (l : list A) (f : A -> R) : (forall a, In a l -> f a = 0) -> sum l f = 0.
Admitted.
Lemma sum_plus (l : list A) (f h : A -> R) : sum l (fun a => f a + h a) = sum l f + sum l h.
Admitted.
Lemma sum_minus (l : list A) (f h : A -> R) : sum l (fun a => f a - h a) = sum l f - sum l h.
Admitted.
Lemma sum_opp (l : list A) (f : A -> R) : sum l (fun a => - f a) = - sum l f.
Admitted.
Lemma sum_scal (l : list A) (c : R) (f : A -> R) : sum l (fun a => c * f a) = c * sum l f.
Admitted.
Lemma sum_app (l m : list A) (f : A -> R) : sum (l ++ m) f = sum l f + sum m f.
Admitted.
Lemma sum_map (l : list A) (k : A -> B) (f : B -> R) : sum (map k l) f = sum l (fun a => f (k a)).
Admitted.
Lemma sum_swap (l : list A) (m : list B) (f : A -> B -> R) :
  sum l (fun a => sum m (f a)) = sum m (fun b => sum l (fun a => f a b)).
Admitted.
Lemma sum_list_prod (l : list A) (m : list B) (f : A * B -> R) :
  sum (list_prod l m) f = sum l (fun a => sum m (fun b => f (a, b))).
Admitted.
Lemma sum_nonneg (l : list A) (f : A -> R) : (forall a, In a l -> 0 <= f a) -> 0 <= sum l f.
Admitted.
Lemma sum_le (l : list A) (f h : A -> R) : (forall a, In a l -> f a <= h a) -> sum l f <= sum l h.
Admitted.
(** Terms that are not negative and add up to 0 are all 0. *)
Lemma sum_zero_inv (l : list A) (f : A -> R) :
  (forall a, In a l -> 0 <= f a) -> sum l f = 0 -> forall a, In a l -> f a = 0.
Admitted.
(** One term of a list without repetition. *)
Lemma sum_pick `{eq_dec A} (l : list A) (a : A) (f : A -> R) :
  NoDup l -> (~ In a l -> f a = 0) -> sum l (fun b => if equal b a then f b else 0) = f a.
Admitted.
(** A longer list adds nothing where the function is 0. *)
Lemma sum_support `{eq_dec A} (l m : list A) (f : A -> R) :
  NoDup l -> NoDup m -> (forall a, ~ In a l -> f a = 0) -> (forall a, ~ In a m -> f a = 0) -> sum l f = sum m f.
Admitted.
(** A sum cut into the fibres of a map. *)
Lemma sum_fibres `{eq_dec B} (l : list A) (m : list B) (k : A -> B) (f : A -> R) :
  NoDup m -> (forall a, In a l -> In (k a) m) ->
  sum m (fun b => sum l (fun a => if equal (k a) b then f a else 0)) = sum l f.
Admitted.
End Sums.
