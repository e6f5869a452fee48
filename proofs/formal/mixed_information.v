(** Mutual information of neurons with atoms at zero, cut into what the zeros tell and what the values tell. *)
From Coq Require Import Reals List Lra.
From Iclab Require Import information.
Open Scope R_scope.

(** The probability of an event. *)
Definition probability {A} (p : law A) (e : A -> bool) : R := expectation p (fun a => if e a then 1 else 0).

Section Events.
Context {A : Type} `{eq_dec A}.
Variable p : law A.

Lemma probability_ext (e e' : A -> bool) : (forall a, e a = e' a) -> probability p e = probability p e'.
Proof. intros same. apply expectation_ext. intros a _. now rewrite same. Qed.
Lemma probability_always : probability p (fun _ => true) = 1.
Proof. apply (expectation_const p 1). Qed.
Lemma probability_nonneg e : 0 <= probability p e.
Proof. apply expectation_nonneg. intros a _. destruct (e a); lra. Qed.
(** An event that holds at an outcome weighs at least as much. *)
Lemma probability_ge e a : e a = true -> mass p a <= probability p e.
Proof.
  intros here. rewrite <- (expectation_point p a). apply sum_le. intros b _.
  apply Rmult_le_compat_l; [apply mass_nonneg|]. destruct (equal b a) as [->|_]; [rewrite here; lra|].
  destruct (e b); lra.
Qed.
Lemma probability_positive e a : 0 < mass p a -> e a = true -> 0 < probability p e.
Proof. intros heavy here. pose proof (probability_ge e a here). lra. Qed.

(** The law given an event: outside the event no mass, inside the mass divided by that of the event. An event of mass 0
    can be given in no sensible way; the law is then left as it is, and every statement below multiplies by 0. *)
Definition given_mass (e : A -> bool) (a : A) : R :=
  if Rlt_dec 0 (probability p e) then (if e a then mass p a / probability p e else 0) else mass p a.
Lemma given_mass_nonneg e a : 0 <= given_mass e a.
Proof.
  unfold given_mass. pose proof (mass_nonneg p a).
  destruct (Rlt_dec _ _) as [some|_], (e a); try lra. apply Rmult_le_pos; [lra|]. now apply Rlt_le, Rinv_0_lt_compat.
Qed.
Lemma given_mass_off e a : ~ In a (support p) -> given_mass e a = 0.
Proof.
  intros outside. unfold given_mass. rewrite (mass_off_support p a outside).
  destruct (Rlt_dec _ _), (e a); try reflexivity. field. lra.
Qed.
Lemma given_mass_total e : sum (support p) (given_mass e) = 1.
Proof.
  unfold given_mass. destruct (Rlt_dec _ _) as [some|_]; [|apply mass_total].
  rewrite (sum_ext _ _ (fun a => / probability p e * (mass p a * if e a then 1 else 0))).
  - rewrite sum_scal. fold (expectation p (fun a => if e a then 1 else 0)). fold (probability p e). field. lra.
  - intros a _. destruct (e a); field; lra.
Qed.
Definition given (e : A -> bool) : law A :=
  Law A (support p) (given_mass e) (support_once p) (given_mass_nonneg e) (given_mass_off e) (given_mass_total e).

Lemma expectation_given e h :
  probability p e * expectation (given e) h = expectation p (fun a => if e a then h a else 0).
Proof.
  destruct (Rlt_dec 0 (probability p e)) as [some|none].
  - unfold expectation. rewrite <- sum_scal. apply sum_ext. intros a _. simpl. unfold given_mass.
    destruct (Rlt_dec _ _); [|contradiction]. destruct (e a); [field; lra|ring].
  - pose proof (probability_nonneg e). replace (probability p e) with 0 by lra. rewrite Rmult_0_l.
    symmetry. rewrite (expectation_ext p _ (fun _ => 0)); [apply expectation_const|]. intros a heavy.
    destruct (e a) eqn:here; [|reflexivity]. pose proof (probability_positive e a heavy here). lra.
Qed.
End Events.

Definition is {A} `{eq_dec A} (a b : A) : bool := if equal a b then true else false.
Lemma is_same {A} `{eq_dec A} (a : A) : is a a = true.
Proof. unfold is. now destruct (equal a a). Qed.

Lemma is_pair {A B} `{eq_dec A} `{eq_dec B} (a c : A) (b d : B) : is (a, b) (c, d) = andb (is a c) (is b d).
Proof. unfold is. destruct (equal (a, b) (c, d)), (equal a c), (equal b d); cbn; congruence. Qed.
Lemma is_true b : is b true = b.
Proof. now destruct b. Qed.
Lemma is_false b : is b false = negb b.
Proof. now destruct b. Qed.

Section Surprise.
Context {A B C : Type} `{eq_dec A} `{eq_dec B} `{eq_dec C}.
Variable p : law A.

(** P(e and u = b). *)
Definition joint {T} `{eq_dec T} (e : A -> bool) (u : A -> T) (b : T) : R :=
  probability p (fun a => andb (e a) (is (u a) b)).

Lemma joint_positive {T} `{eq_dec T} e (u : A -> T) a : 0 < mass p a -> e a = true -> 0 < joint e u (u a).
Proof. intros heavy here. apply (probability_positive p _ a heavy). now rewrite here, is_same. Qed.
Lemma given_push {T} `{eq_dec T} e (u : A -> T) b : 0 < probability p e ->
  mass (push u (given p e)) b = joint e u b / probability p e.
Proof.
  intros some. rewrite mass_push. apply Rmult_eq_reg_l with (probability p e); [|lra].
  rewrite expectation_given. transitivity (joint e u b); [|field; lra].
  apply expectation_ext. intros a _. unfold is. now destruct (e a), (equal (u a) b).
Qed.

(** What u and v tell of each other within e, at one outcome. *)
Definition told (e : A -> bool) (u : A -> B) (v : A -> C) (a : A) : R :=
  if e a
  then ln (joint e (fun a => (u a, v a)) (u a, v a)) + ln (probability p e) -
       ln (joint e u (u a)) - ln (joint e v (v a))
  else 0.

Lemma ln_conditional uv e u v : 0 < uv -> 0 < e -> 0 < u -> 0 < v ->
  ln (uv / e / (u / e * (v / e))) = ln uv + ln e - ln u - ln v.
Proof.
  intros. replace (uv / e / (u / e * (v / e))) with (uv * e / (u * v)) by (field; lra).
  rewrite ln_quotient, !ln_mult by (try apply Rmult_lt_0_compat; assumption). ring.
Qed.
Lemma given_information e (u : A -> B) (v : A -> C) :
  probability p e * mutual_information (push (fun a => (u a, v a)) (given p e)) = expectation p (told e u v).
Proof.
  rewrite mutual_information_push, expectation_given. apply expectation_ext. intros a heavy. unfold told.
  destruct (e a) eqn:here; [|reflexivity].
  pose proof (probability_positive p e a heavy here) as some.
  pose proof (joint_positive e u a heavy here). pose proof (joint_positive e v a heavy here).
  pose proof (joint_positive e (fun a => (u a, v a)) a heavy here).
  rewrite !given_push by assumption. now apply ln_conditional.
Qed.
Lemma given_always : same_law (given p (fun _ => true)) p.
Proof.
  intros a. simpl. unfold given_mass. rewrite probability_always. destruct (Rlt_dec 0 1); [field|reflexivity].
Qed.
Lemma always_information (u : A -> B) (v : A -> C) :
  mutual_information (push (fun a => (u a, v a)) p) = expectation p (told (fun _ => true) u v).
Proof.
  rewrite <- given_information, probability_always, Rmult_1_l.
  apply mutual_information_same_law, push_same_law. intros a. symmetry. apply given_always.
Qed.
End Surprise.

Lemma push_both {A B} `{eq_dec A} `{eq_dec B} (p : law (A * B)) : same_law p (push (fun w => (fst w, snd w)) p).
Proof.
  intros [a b]. symmetry. change (a, b) with (fst (a, b), snd (a, b)) at 1.
  apply (push_injective (fun w => (fst w, snd w))). intros [] _ [= <- <-]. reflexivity.
Qed.

(** ** The four terms *)

(** Is it not zero? *)
Definition alive (x : R) : bool := negb (is x 0).
Definition x_alive (w : R * R) : bool := alive (fst w).
Definition y_alive (w : R * R) : bool := alive (snd w).
Definition both_alive (w : R * R) : bool := andb (x_alive w) (y_alive w).
Notation always := (fun _ => true).

(** Two events that hold at the same outcomes: by cases of which coordinates are 0, x or y. *)
Ltac same_events :=
  apply probability_ext; intros [c d]; unfold both_alive, x_alive, y_alive; cbn [fst snd];
  rewrite ?is_pair, ?is_true, ?is_false; unfold alive, is in *;
  repeat match goal with
         | |- context [equal ?a ?b] => destruct (equal a b)
         | h : context [equal ?a ?b] |- _ => destruct (equal a b)
         end; cbn [andb negb] in *; congruence.

(** Outcome by outcome: two living neurons, one, none. *)
Section Outcomes.
Variables (p : law (R * R)) (x y : R).

(** At this outcome the four terms add up. *)
Let adds_up : Prop :=
  told p always fst snd (x, y) =
  told p always x_alive y_alive (x, y) + told p x_alive fst y_alive (x, y) +
  told p y_alive x_alive snd (x, y) + told p both_alive fst snd (x, y).
Ltac at_outcome :=
  intros here_x here_y; unfold adds_up, told;
  change (x_alive (x, y)) with (alive x); change (y_alive (x, y)) with (alive y);
  change (both_alive (x, y)) with (andb (alive x) (alive y)); rewrite here_x, here_y; cbn [fst snd andb].

Lemma told_both : alive x = true -> alive y = true -> adds_up.
Proof.
  at_outcome.
  replace (joint p x_alive fst x) with (joint p always fst x) by same_events.
  replace (joint p y_alive snd y) with (joint p always snd y) by same_events.
  replace (joint p both_alive (fun w => (fst w, snd w)) (x, y))
    with (joint p always (fun w => (fst w, snd w)) (x, y)) by same_events.
  replace (joint p both_alive fst x) with (joint p x_alive (fun w => (fst w, y_alive w)) (x, true)) by same_events.
  replace (joint p both_alive snd y) with (joint p y_alive (fun w => (x_alive w, snd w)) (true, y)) by same_events.
  replace (joint p always (fun w => (x_alive w, y_alive w)) (true, true))
    with (probability p both_alive) by same_events.
  replace (joint p x_alive y_alive true) with (probability p both_alive) by same_events.
  replace (joint p y_alive x_alive true) with (probability p both_alive) by same_events.
  replace (joint p always x_alive true) with (probability p x_alive) by same_events.
  replace (joint p always y_alive true) with (probability p y_alive) by same_events.
  ring.
Qed.
Lemma told_x : alive x = true -> alive y = false -> adds_up.
Proof.
  at_outcome.
  replace (joint p x_alive fst x) with (joint p always fst x) by same_events.
  replace (joint p x_alive (fun w => (fst w, y_alive w)) (x, false))
    with (joint p always (fun w => (fst w, snd w)) (x, y)) by same_events.
  replace (joint p always (fun w => (x_alive w, y_alive w)) (true, false))
    with (joint p x_alive y_alive false) by same_events.
  replace (joint p always x_alive true) with (probability p x_alive) by same_events.
  replace (joint p always y_alive false) with (joint p always snd y) by same_events.
  ring.
Qed.
Lemma told_y : alive x = false -> alive y = true -> adds_up.
Proof.
  at_outcome.
  replace (joint p y_alive snd y) with (joint p always snd y) by same_events.
  replace (joint p y_alive (fun w => (x_alive w, snd w)) (false, y))
    with (joint p always (fun w => (fst w, snd w)) (x, y)) by same_events.
  replace (joint p always (fun w => (x_alive w, y_alive w)) (false, true))
    with (joint p y_alive x_alive false) by same_events.
  replace (joint p always y_alive true) with (probability p y_alive) by same_events.
  replace (joint p always x_alive false) with (joint p always fst x) by same_events.
  ring.
Qed.
Lemma told_neither : alive x = false -> alive y = false -> adds_up.
Proof.
  at_outcome.
  replace (joint p always (fun w => (x_alive w, y_alive w)) (false, false))
    with (joint p always (fun w => (fst w, snd w)) (x, y)) by same_events.
  replace (joint p always x_alive false) with (joint p always fst x) by same_events.
  replace (joint p always y_alive false) with (joint p always snd y) by same_events.
  ring.
Qed.
Lemma told_adds_up : adds_up.
Proof.
  destruct (alive x) eqn:here_x, (alive y) eqn:here_y;
    auto using told_both, told_x, told_y, told_neither.
Qed.
End Outcomes.

(** The mutual information of any two neurons of a finite law, cut in four. With A = 1[x != 0] and B = 1[y != 0]:
      I(x;y) = I(A;B) + P(A) I(x;B | A=1) + P(B) I(A;y | B=1) + P(A,B) I(x;y | A=B=1):
    what the zeros tell of each other, what a value tells of the other's zero, twice, and what the values tell
    of each other. Terms given an event of mass 0 count 0. Hypothesis: none; dropout, ReLU or anything else may have
    made the zeros. *)
Theorem mixed_information_identity (p : law (R * R)) :
  mutual_information p =
  mutual_information (push (pair_map alive alive) p) +
  probability p x_alive * mutual_information (push (pair_map (fun x => x) alive) (given p x_alive)) +
  probability p y_alive * mutual_information (push (pair_map alive (fun y => y)) (given p y_alive)) +
  probability p both_alive * mutual_information (given p both_alive).
Proof.
  rewrite (mutual_information_same_law _ _ (push_both p)), (mutual_information_same_law _ _ (push_both (given _ _))).
  unfold pair_map.
  change (fun ab : R * R => (alive (fst ab), alive (snd ab))) with (fun ab => (x_alive ab, y_alive ab)).
  change (fun ab : R * R => (fst ab, alive (snd ab))) with (fun ab => (fst ab, y_alive ab)).
  change (fun ab : R * R => (alive (fst ab), snd ab)) with (fun ab => (x_alive ab, snd ab)).
  rewrite !given_information, !always_information, <- !expectation_plus.
  apply expectation_ext. intros [x y] _. apply told_adds_up.
Qed.
