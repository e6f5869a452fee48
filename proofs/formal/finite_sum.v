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

Section Linear.
Context {A : Type}.

Lemma sum_ext (l : list A) (f h : A -> R) : (forall a, In a l -> f a = h a) -> sum l f = sum l h.
Proof.
  intros h_eq. induction l as [|a l IH]; simpl; [reflexivity|].
  rewrite h_eq by now left. rewrite IH; [reflexivity|]. intros; apply h_eq; now right.
Qed.
Lemma sum_zero (l : list A) (f : A -> R) : (forall a, In a l -> f a = 0) -> sum l f = 0.
Proof.
  intros h_zero. induction l as [|a l IH]; simpl; [reflexivity|].
  rewrite h_zero by now left. rewrite IH; [ring|]. intros; apply h_zero; now right.
Qed.
Lemma sum_plus (l : list A) (f h : A -> R) : sum l (fun a => f a + h a) = sum l f + sum l h.
Proof.
  induction l as [|a l IH]; simpl; [ring|]. rewrite IH. ring.
Qed.
Lemma sum_minus (l : list A) (f h : A -> R) : sum l (fun a => f a - h a) = sum l f - sum l h.
Proof.
  induction l as [|a l IH]; simpl; [ring|]. rewrite IH. ring.
Qed.
Lemma sum_opp (l : list A) (f : A -> R) : sum l (fun a => - f a) = - sum l f.
Proof.
  induction l as [|a l IH]; simpl; [ring|]. rewrite IH. ring.
Qed.
Lemma sum_scal (l : list A) (c : R) (f : A -> R) : sum l (fun a => c * f a) = c * sum l f.
Proof.
  induction l as [|a l IH]; simpl; [ring|]. rewrite IH. ring.
Qed.
Lemma sum_app (l m : list A) (f : A -> R) : sum (l ++ m) f = sum l f + sum m f.
Proof.
  induction l as [|a l IH]; simpl; [ring|]. rewrite IH. ring.
Qed.
Lemma sum_nonneg (l : list A) (f : A -> R) : (forall a, In a l -> 0 <= f a) -> 0 <= sum l f.
Proof.
  intros h_pos. induction l as [|a l IH]; simpl; [lra|].
  assert (0 <= f a) by (apply h_pos; now left).
  assert (0 <= sum l f) by (apply IH; intros; apply h_pos; now right). lra.
Qed.
Lemma sum_le (l : list A) (f h : A -> R) : (forall a, In a l -> f a <= h a) -> sum l f <= sum l h.
Proof.
  intros h_le. induction l as [|a l IH]; simpl; [lra|].
  assert (f a <= h a) by (apply h_le; now left).
  assert (sum l f <= sum l h) by (apply IH; intros; apply h_le; now right). lra.
Qed.
(** Terms that are not negative and add up to 0 are all 0. *)
Lemma sum_zero_inv (l : list A) (f : A -> R) :
  (forall a, In a l -> 0 <= f a) -> sum l f = 0 -> forall a, In a l -> f a = 0.
Proof.
  intros h_pos. induction l as [|b l IH]; simpl; [easy|]. intros total a.
  assert (0 <= f b) by (apply h_pos; now left).
  assert (rest : 0 <= sum l f) by (apply sum_nonneg; intros; apply h_pos; now right).
  intros [<-|inside]; [lra|]. apply IH; [intros; apply h_pos; now right|lra|assumption].
Qed.
End Linear.

Lemma sum_map {A B : Type} (l : list A) (k : A -> B) (f : B -> R) : sum (map k l) f = sum l (fun a => f (k a)).
Proof.
  induction l as [|a l IH]; simpl; [reflexivity|]. now rewrite IH.
Qed.

Lemma sum_swap {A B : Type} (l : list A) (m : list B) (f : A -> B -> R) :
  sum l (fun a => sum m (f a)) = sum m (fun b => sum l (fun a => f a b)).
Proof.
  induction l as [|a l IH]; simpl; [now rewrite sum_zero|]. now rewrite IH, sum_plus.
Qed.
Lemma sum_list_prod {A B : Type} (l : list A) (m : list B) (f : A * B -> R) :
  sum (list_prod l m) f = sum l (fun a => sum m (fun b => f (a, b))).
Proof.
  induction l as [|a l IH]; simpl; [reflexivity|]. now rewrite sum_app, sum_map, IH.
Qed.
(** One term of a list without repetition. *)
Lemma sum_pick {A : Type} `{eq_dec A} (l : list A) (a : A) (f : A -> R) :
  NoDup l -> (~ In a l -> f a = 0) -> sum l (fun b => if equal b a then f b else 0) = f a.
Proof.
  induction l as [|b l IH]; simpl; intros once outside; [symmetry; now apply outside|].
  inversion once as [|? ? fresh once_rest]; subst. destruct (equal b a) as [<-|differ].
  - rewrite sum_zero; [ring|]. intros c inside. destruct (equal c b) as [->|_]; easy.
  - rewrite IH; [ring|assumption|]. intros absent. apply outside. intros [now_b|later]; easy.
Qed.
(** A longer list adds nothing where the function is 0. *)
Lemma sum_support {A : Type} `{eq_dec A} (l m : list A) (f : A -> R) :
  NoDup l -> NoDup m -> (forall a, ~ In a l -> f a = 0) -> (forall a, ~ In a m -> f a = 0) -> sum l f = sum m f.
Proof.
  intros once_l once_m off_l off_m.
  rewrite (sum_ext l f (fun a => sum m (fun b => if equal b a then f b else 0))), sum_swap;
    [|intros a _; symmetry; apply sum_pick; auto].
  apply sum_ext. intros b _.
  rewrite (sum_ext l _ (fun a => if equal a b then f a else 0)); [apply sum_pick; auto|].
  intros a _. destruct (equal b a), (equal a b); congruence.
Qed.
(** A sum cut into the fibres of a map. *)
Lemma sum_fibres {A B : Type} `{eq_dec B} (l : list A) (m : list B) (k : A -> B) (f : A -> R) :
  NoDup m -> (forall a, In a l -> In (k a) m) ->
  sum m (fun b => sum l (fun a => if equal (k a) b then f a else 0)) = sum l f.
Proof.
  intros once reach. rewrite sum_swap. apply sum_ext. intros a inside.
  rewrite (sum_ext m _ (fun b => if equal b (k a) then f a else 0)).
  - apply (sum_pick m (k a) (fun _ => f a)); [assumption|]. intros absent. destruct absent. now apply reach.
  - intros b _. destruct (equal (k a) b), (equal b (k a)); congruence.
Qed.
