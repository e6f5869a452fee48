(** c05: dropout of neurons that may be silent (an atom at 0, as behind ReLU). *)
From Coq Require Import Reals List Lra.
From Iclab Require Export gates small_laws.
Import ListNotations.
Open Scope R_scope.

(** y knows nothing of whether x is 0, and x knows nothing of whether y is. *)
Definition zero_of_first_is_independent (p : law (R * R)) : Prop :=
  forall y, mass p (0, y) = mass (first p) 0 * mass (second p) y.
Definition zero_of_second_is_independent (p : law (R * R)) : Prop :=
  forall x, mass p (x, 0) = mass (first p) x * mass (second p) 0.

(** Behind independent gates that are open with probabilities q and s, two neurons share at most q s times the
    information they shared before, whatever their law, with or without atoms. *)
Theorem c05_atom_bound (p : law (R * R)) q s (Hq : 0 <= q <= 1) (Hs : 0 <= s <= 1) :
  mutual_information (behind_gates (independent_gates q s Hq Hs) p) <= q * s * mutual_information p.
Proof.
  pose proof (behind_gates_le (independent_gates q s Hq Hs) p) as H.
  now rewrite independent_gates_information, independent_gates_open, Rplus_0_l in H.
Qed.

(** ** When nothing is lost *)

(** Equality, read outcome by outcome, for gates of any law. *)
Lemma seen_equality gates p :
  mutual_information (behind_gates gates p) =
    mutual_information gates + mass gates (true, true) * mutual_information p <->
  forall g u h v,
    mass gates (g, h) * shown g h p u v *
      (mass (first (behind_gates gates p)) u * mass (second (behind_gates gates p)) v) =
    mass (first gates) g * shown_one g (first p) u * (mass (second gates) h * shown_one h (second p) v) *
    mass (behind_gates gates p) (u, v).
Proof.
  rewrite <- seen_gates, (mutual_information_same_law _ _ (behind_is_map gates p)), data_processing_equality.
  assert (E1 : forall u,
    mass (push snd (first (behind_seen_gates gates p))) u = mass (first (behind_gates gates p)) u).
  { intros u. unfold first, behind_gates, behind_seen_gates. now rewrite !push_push. }
  assert (E2 : forall v,
    mass (push snd (second (behind_seen_gates gates p))) v = mass (second (behind_gates gates p)) v).
  { intros v. unfold second, behind_gates, behind_seen_gates. now rewrite !push_push. }
  split.
  - intros H g u h v. specialize (H (g, u) (h, v)). cbn [snd] in H.
    now rewrite seen_mass, seen_first_mass, seen_second_mass, E1, E2, <- behind_is_map in H.
  - intros H [g u] [h v]. specialize (H g u h v). cbn [snd].
    now rewrite seen_mass, seen_first_mass, seen_second_mass, E1, E2, <- behind_is_map.
Qed.

(** The mass of a neuron behind its gate, and of a pair behind independent gates. *)
Lemma two_gates (gate : law bool) k : expectation gate k = mass gate true * k true + mass gate false * k false.
Proof.
  unfold expectation. rewrite (sum_support _ [true; false]).
  - cbn. ring.
  - apply support_once.
  - repeat constructor; cbn; intuition congruence.
  - intros a Ha. rewrite mass_off_support by exact Ha. ring.
  - intros [] Ha; cbn in Ha; tauto.
Qed.
Lemma behind_first_mass gates p u :
  mass (first (behind_gates gates p)) u =
  mass (first gates) true * mass (first p) u + mass (first gates) false * indicator (equal 0 u).
Proof.
  unfold first at 1, behind_gates. rewrite push_push, mixture_mass.
  transitivity (expectation (first gates) (fun g => shown_one g (first p) u)); [|apply two_gates].
  unfold first at 1. rewrite expectation_push.
  unfold expectation. apply sum_ext. intros [g h] _. cbn [fst snd]. now rewrite shown_one_mass.
Qed.
Lemma behind_second_mass gates p v :
  mass (second (behind_gates gates p)) v =
  mass (second gates) true * mass (second p) v + mass (second gates) false * indicator (equal 0 v).
Proof.
  unfold second at 1, behind_gates. rewrite push_push, mixture_mass.
  transitivity (expectation (second gates) (fun h => shown_one h (second p) v)); [|apply two_gates].
  unfold second at 1. rewrite expectation_push.
  unfold expectation. apply sum_ext. intros [g h] _. cbn [fst snd]. now rewrite shown_one_mass.
Qed.

Definition chance (q : R) (open : bool) : R := if open then q else 1 - q.

Lemma behind_independent_mass p q s Hq Hs u v :
  mass (behind_gates (independent_gates q s Hq Hs) p) (u, v) =
  q * s * mass p (u, v) + q * (1 - s) * (mass (first p) u * indicator (equal 0 v)) +
  (1 - q) * s * (indicator (equal 0 u) * mass (second p) v) +
  (1 - q) * (1 - s) * (indicator (equal 0 u) * indicator (equal 0 v)).
Proof. rewrite behind_mass, expectation_gates. reflexivity. Qed.

Lemma independent_first_mass q s Hq Hs g : mass (first (independent_gates q s Hq Hs)) g = chance q g.
Proof. exact (first_product (bernoulli q Hq) (bernoulli s Hs) g). Qed.
Lemma independent_second_mass q s Hq Hs g : mass (second (independent_gates q s Hq Hs)) g = chance s g.
Proof. exact (second_product (bernoulli q Hq) (bernoulli s Hs) g). Qed.

(** Equality for independent gates, in numbers. *)
Lemma independent_equality p q s Hq Hs :
  let after := behind_gates (independent_gates q s Hq Hs) p in
  mutual_information after = q * s * mutual_information p <->
  forall g u h v,
    chance q g * chance s h * shown g h p u v * (mass (first after) u * mass (second after) v) =
    chance q g * shown_one g (first p) u * (chance s h * shown_one h (second p) v) * mass after (u, v).
Proof.
  intros after. pose proof (seen_equality (independent_gates q s Hq Hs) p) as E. fold after in E.
  rewrite independent_gates_information, independent_gates_open, Rplus_0_l in E. rewrite E.
  split; intros H g u h v; specialize (H g u h v).
  - now rewrite independent_first_mass, independent_second_mass in H.
  - now rewrite independent_first_mass, independent_second_mass.
Qed.

(** A silent neuron (fibre of the open gate) and a closed gate must say the same of y. *)
Lemma fibre_numbers q s joint px py m after : 0 < q < 1 -> 0 < s -> 0 < py -> 0 < after ->
  q * s * joint * m = q * px * (s * py) * after ->
  (1 - q) * s * py * m = (1 - q) * (s * py) * after -> joint = px * py.
Proof.
  intros Hq Hs Hy Ha Open Closed.
  assert (0 < (1 - q) * s * py) by (repeat apply Rmult_lt_0_compat; lra).
  assert (0 < q * s * after) by (repeat apply Rmult_lt_0_compat; lra).
  assert (m = after) as -> by (apply (Rmult_eq_reg_l ((1 - q) * s * py)); lra).
  apply (Rmult_eq_reg_l (q * s * after)); lra.
Qed.

Lemma indicator_nonneg {A} `{eq_dec A} (a b : A) : 0 <= indicator (equal a b).
Proof. unfold indicator. destruct (equal a b); lra. Qed.

Lemma behind_positive p q s Hq Hs u v :
  let closed_first := (1 - q) * s * (indicator (equal 0 u) * mass (second p) v) in
  let closed_second := q * (1 - s) * (mass (first p) u * indicator (equal 0 v)) in
  0 < closed_first \/ 0 < closed_second -> 0 < mass (behind_gates (independent_gates q s Hq Hs) p) (u, v).
Proof.
  intros cf cs H. rewrite behind_independent_mass. fold cf cs.
  assert (0 <= cf) by (repeat apply Rmult_le_pos; try apply mass_nonneg; try apply indicator_nonneg; lra).
  assert (0 <= cs) by (repeat apply Rmult_le_pos; try apply mass_nonneg; try apply indicator_nonneg; lra).
  assert (0 <= q * s * mass p (u, v)) by (repeat apply Rmult_le_pos; try apply mass_nonneg; lra).
  assert (0 <= (1 - q) * (1 - s) * (indicator (equal 0 u) * indicator (equal 0 v)))
    by (repeat apply Rmult_le_pos; try apply indicator_nonneg; lra).
  lra.
Qed.

Lemma equality_needs_first p q s Hq Hs : 0 < q < 1 -> 0 < s ->
  mutual_information (behind_gates (independent_gates q s Hq Hs) p) = q * s * mutual_information p ->
  zero_of_first_is_independent p.
Proof.
  intros Hq' Hs' E y. rewrite independent_equality in E.
  destruct (mass_zero_or_positive (second p) y) as [Z|Hy].
  { pose proof (second_ge p (0, y)). cbn [snd] in *. pose proof (mass_nonneg p (0, y)). rewrite Z in *. lra. }
  pose proof (E true 0 true y) as Open. pose proof (E false 0 true y) as Closed. clear E.
  cbn [shown shown_one chance] in Open, Closed. rewrite indicator_same, Rmult_1_l, Rmult_1_r in Closed.
  eapply fibre_numbers; [exact Hq'|exact Hs'|exact Hy| |exact Open|exact Closed].
  apply behind_positive. left. rewrite indicator_same. repeat apply Rmult_lt_0_compat; lra.
Qed.

Lemma equality_needs_second p q s Hq Hs : 0 < q -> 0 < s < 1 ->
  mutual_information (behind_gates (independent_gates q s Hq Hs) p) = q * s * mutual_information p ->
  zero_of_second_is_independent p.
Proof.
  intros Hq' Hs' E x. rewrite independent_equality in E.
  destruct (mass_zero_or_positive (first p) x) as [Z|Hx].
  { pose proof (first_ge p (x, 0)). cbn [fst] in *. pose proof (mass_nonneg p (x, 0)). rewrite Z in *. lra. }
  pose proof (E true x true 0) as Open. pose proof (E true x false 0) as Closed. clear E.
  cbn [shown shown_one chance] in Open, Closed. rewrite indicator_same, !Rmult_1_r in Closed.
  rewrite Rmult_comm. set (after := behind_gates _ p) in *.
  apply (fibre_numbers s q _ _ _ (mass (first after) x * mass (second after) 0) (mass after (x, 0))); try lra.
  apply behind_positive. right. rewrite indicator_same. repeat apply Rmult_lt_0_compat; lra.
Qed.

(** Conversely, then a closed gate and a silent neuron say the same, and nothing is lost by mistaking one for
    the other. *)
Lemma equality_suffices p q s Hq Hs :
  (q < 1 -> zero_of_first_is_independent p) -> (s < 1 -> zero_of_second_is_independent p) ->
  mutual_information (behind_gates (independent_gates q s Hq Hs) p) = q * s * mutual_information p.
Proof.
  intros First Second. apply independent_equality. intros g u h v.
  rewrite behind_first_mass, behind_second_mass, behind_independent_mass.
  rewrite !independent_first_mass, !independent_second_mass.
  assert (Q : q = 1 \/ zero_of_first_is_independent p) by (destruct (proj2 Hq); auto).
  assert (S : s = 1 \/ zero_of_second_is_independent p) by (destruct (proj2 Hs); auto).
  unfold indicator, zero_of_first_is_independent, zero_of_second_is_independent in *.
  clear First Second Hq Hs.
  destruct (equal 0 u) as [<-|]; destruct (equal 0 v) as [<-|]; destruct g, h;
    cbn [shown shown_one chance]; unfold indicator.
  all: decide_outcomes.
  all: destruct Q as [->|Q]; destruct S as [->|S]; rewrite ?Q, ?S; try ring.
Qed.

(** The bound is an equality exactly where no neuron whose gate may close tells the other one anything by being
    0: y is independent of 1[x=0] unless x's gate is always open, and x is independent of 1[y=0] unless y's is.
    *)
Theorem c05_equality (p : law (R * R)) q s (Hq : 0 <= q <= 1) (Hs : 0 <= s <= 1) :
  0 < q -> 0 < s -> (* with a gate that is always closed both sides are 0 *)
  mutual_information (behind_gates (independent_gates q s Hq Hs) p) = q * s * mutual_information p <->
  (q < 1 -> zero_of_first_is_independent p) /\ (s < 1 -> zero_of_second_is_independent p).
Proof.
  intros Hq' Hs'. split.
  - intros E. split; intros Below.
    + apply (equality_needs_first p q s Hq Hs); auto.
    + apply (equality_needs_second p q s Hq Hs); auto.
  - intros [First Second]. now apply equality_suffices.
Qed.

(** For gates that really drop: I' = q s I if and only if y is independent of 1[x=0] and x of 1[y=0]. *)
Theorem c05_equality_iff (p : law (R * R)) q s (Hq : 0 <= q <= 1) (Hs : 0 <= s <= 1) :
  0 < q < 1 -> 0 < s < 1 -> (* never closed: c05_equality_one_gate; never open: both sides are 0 for any law *)
  mutual_information (behind_gates (independent_gates q s Hq Hs) p) = q * s * mutual_information p <->
  zero_of_first_is_independent p /\ zero_of_second_is_independent p.
Proof. intros. rewrite c05_equality; tauto. Qed.

(** Dropout of one of the two neurons only: I' = q I if and only if y is independent of 1[x=0]. Zeros of y do no
    harm. *)
Theorem c05_equality_one_gate (p : law (R * R)) q (Hq : 0 <= q <= 1) (H1 : 0 <= 1 <= 1) :
  0 < q < 1 -> (* at q = 0 and q = 1 it is an equality for any law *)
  mutual_information (behind_gates (independent_gates q 1 Hq H1) p) = q * mutual_information p <->
  zero_of_first_is_independent p.
Proof.
  intros Hq'. pose proof (c05_equality p q 1 Hq H1) as E. rewrite Rmult_1_r in E. rewrite E by lra.
  intuition lra.
Qed.

(** ** When something is lost *)

Lemma all_equal_or_differ {A} (l : list A) (f k : A -> R) : (forall a, In a l -> f a = k a) \/ exists a, f a <> k a.
Proof.
  induction l as [|a l [Same|Differ]].
  - left. contradiction.
  - destruct (Req_dec (f a) (k a)) as [E|N]; [left|right; now exists a]. intros b [<-|]; auto.
  - now right.
Qed.

Lemma first_independent_or_not (p : law (R * R)) :
  zero_of_first_is_independent p \/ exists y, mass p (0, y) <> mass (first p) 0 * mass (second p) y.
Proof.
  destruct (all_equal_or_differ (support (second p)) (fun y => mass p (0, y))
    (fun y => mass (first p) 0 * mass (second p) y)) as [Same|]; [left|now right].
  intros y. destruct (mass_zero_or_positive (second p) y) as [Z|Hy].
  - pose proof (second_ge p (0, y)). cbn [snd] in *. pose proof (mass_nonneg p (0, y)). rewrite Z in *. lra.
  - now apply Same, mass_in_support.
Qed.
Lemma second_independent_or_not (p : law (R * R)) :
  zero_of_second_is_independent p \/ exists x, mass p (x, 0) <> mass (first p) x * mass (second p) 0.
Proof.
  destruct (all_equal_or_differ (support (first p)) (fun x => mass p (x, 0))
    (fun x => mass (first p) x * mass (second p) 0)) as [Same|]; [left|now right].
  intros x. destruct (mass_zero_or_positive (first p) x) as [Z|Hx].
  - pose proof (first_ge p (x, 0)). cbn [fst] in *. pose proof (mass_nonneg p (x, 0)). rewrite Z in *. lra.
  - now apply Same, mass_in_support.
Qed.

(** Less than q s times the information is left, strictly, if and only if y depends on whether x is 0 (some y0
    has another probability together with x = 0 than independence gives), or x depends on whether y is 0. Both
    need an atom at 0. *)
Theorem c05_atom_strict (p : law (R * R)) q s (Hq : 0 <= q <= 1) (Hs : 0 <= s <= 1) :
  0 < q < 1 -> 0 < s < 1 -> (* both gates really drop *)
  mutual_information (behind_gates (independent_gates q s Hq Hs) p) < q * s * mutual_information p <->
  (exists y, mass p (0, y) <> mass (first p) 0 * mass (second p) y) \/
  (exists x, mass p (x, 0) <> mass (first p) x * mass (second p) 0).
Proof.
  intros Hq' Hs'. pose proof (c05_equality_iff p q s Hq Hs Hq' Hs') as E. split.
  - intros Less. destruct (first_independent_or_not p); [|now left].
    destruct (second_independent_or_not p); [|now right]. destruct (proj2 E); [tauto|lra].
  - intros N. destruct (c05_atom_bound p q s Hq Hs) as [|Same]; [assumption|].
    apply E in Same as [First Second]. destruct N as [[y N]|[x N]]; now destruct N.
Qed.

(** ** Examples *)

(** The binary law of mean 1/2 on both sides whose neurons agree with probability .7. *)
Lemma seventy_is_probability : 0 <= 7 / 10 <= 1.
Proof. lra. Qed.
Definition agreeing : law (R * R) :=
  push (fun w : bool * bool => (number (fst w), number (if snd w then fst w else negb (fst w))))
       (product coin (bernoulli (7 / 10) seventy_is_probability)).
Lemma agreeing_masses :
  mass agreeing (0, 0) = 35 / 100 /\ mass agreeing (1, 1) = 35 / 100 /\
  mass agreeing (0, 1) = 15 / 100 /\ mass agreeing (1, 0) = 15 / 100 /\
  mass (first agreeing) 0 = 1 / 2 /\ mass (second agreeing) 0 = 1 / 2.
Proof. unfold agreeing. repeat split; masses. Qed.

(** The law P(0,0) = P(1,1) = .35, P(0,1) = P(1,0) = .15 loses more than q s at any gates that really drop. *)
Theorem c05_strict_example :
  exists p : law (R * R),
    mass p (0, 0) = 35 / 100 /\ mass p (1, 1) = 35 / 100 /\ mass p (0, 1) = 15 / 100 /\ mass p (1, 0) = 15 / 100 /\
    forall q s (Hq : 0 <= q <= 1) (Hs : 0 <= s <= 1), 0 < q < 1 -> 0 < s < 1 ->
      mutual_information (behind_gates (independent_gates q s Hq Hs) p) < q * s * mutual_information p.
Proof.
  exists agreeing. destruct agreeing_masses as (E00 & E11 & E01 & E10 & Ex & Ey).
  repeat split; try assumption. intros q s Hq Hs Hq' Hs'. apply c05_atom_strict; [assumption..|].
  left. exists 0. rewrite E00, Ex, Ey. lra.
Qed.
