(** Dropout: neurons behind gates that know nothing of them. *)
From Coq Require Import Reals List Lra.
From Iclab Require Export information.
Import ListNotations.
Open Scope R_scope.

(** A neuron behind its gate. *)
Definition gated (open : bool) (x : R) : R := (if open then 1 else 0) * x.

(** A neuron behind batch normalisation with fixed statistics: scale and shift. *)
Definition affine (scale shift x : R) : R := scale * x + shift.

(** A pair of neurons behind a pair of gates of any joint law, the gates independent of the neurons. *)
Definition behind_gates (gates : law (bool * bool)) (p : law (R * R)) : law (R * R) :=
  push (fun w => (gated (fst (fst w)) (fst (snd w)), gated (snd (fst w)) (snd (snd w)))) (product gates p).

(** Gates of each neuron by itself, of means q and s; and one gate for both. *)
Definition independent_gates (q s : R) (Hq : 0 <= q <= 1) (Hs : 0 <= s <= 1) : law (bool * bool) :=
  product (bernoulli q Hq) (bernoulli s Hs).
Definition shared_gate (q : R) (Hq : 0 <= q <= 1) : law (bool * bool) :=
  push (fun open => (open, open)) (bernoulli q Hq).

(** One neuron behind its gate. *)
Definition behind_gate (q : R) (Hq : 0 <= q <= 1) (p : law R) : law R :=
  push (fun w => gated (fst w) (snd w)) (product (bernoulli q Hq) p).

(** No atom at zero, in a neuron or in either neuron of a pair. *)
Definition no_atom (p : law R) : Prop := mass p 0 = 0.
Definition no_atoms (p : law (R * R)) : Prop := no_atom (first p) /\ no_atom (second p).

(** What is seen of a pair when the gates are seen too. *)
Definition behind_seen_gates (gates : law (bool * bool)) (p : law (R * R)) : law ((bool * R) * (bool * R)) :=
  push (fun w => ((fst (fst w), gated (fst (fst w)) (fst (snd w))), (snd (fst w), gated (snd (fst w)) (snd (snd w)))))
       (product gates p).

(** ** Masses behind gates *)

(** Push-forward, written out. *)
Lemma push_sum {A B} `{eq_dec B} (f : A -> B) (p : law A) b :
  mass (push f p) b = sum (support p) (fun a => if equal (f a) b then mass p a else 0).
Proof. reflexivity. Qed.

(** An outcome that names the key c and the value v has the mass of the key times that of the value under this
    key. *)
Lemma keyed_mass {G X C V Z} `{eq_dec C} `{eq_dec V} `{eq_dec Z} (gates : law G) (p : law X)
    (F : G * X -> Z) (key : G -> C) (value : C -> X -> V) z c v :
  (forall g x, F (g, x) = z <-> key g = c /\ value c x = v) ->
  mass (push F (product gates p)) z = mass (push key gates) c * mass (push (value c) p) v.
Proof.
  intros HF. rewrite !push_sum. cbn [support mass product]. rewrite sum_list_prod.
  rewrite (Rmult_comm (sum (support gates) _)), <- sum_scal. apply sum_ext. intros g _.
  transitivity ((if equal (key g) c then mass gates g else 0) *
                sum (support p) (fun x => if equal (value c x) v then mass p x else 0)); [|ring].
  rewrite <- sum_scal. apply sum_ext. intros x _. cbn [fst snd].
  destruct (equal (F (g, x)) z) as [E|E]; [apply HF in E as [Ek Ev]|];
    destruct (equal (key g) c); destruct (equal (value c x) v); try ring; try tauto.
  destruct E. apply HF. tauto.
Qed.

(** A mixture: the mass behind a map of a product, averaged over the first coordinate. *)
Lemma mixture_mass {G X Z} `{eq_dec Z} (gates : law G) (p : law X) (F : G * X -> Z) z :
  mass (push F (product gates p)) z = expectation gates (fun g => mass (push (fun x => F (g, x)) p) z).
Proof.
  rewrite push_sum. unfold expectation. cbn [support mass product]. rewrite sum_list_prod. apply sum_ext. intros g _.
  rewrite push_sum, <- sum_scal. apply sum_ext. intros x _. cbn [fst snd].
  destruct (equal (F (g, x)) z); ring.
Qed.

(** The average over a pair of gates has four terms. *)
Lemma expectation_gates (gates : law (bool * bool)) f :
  expectation gates f = mass gates (true, true) * f (true, true) + mass gates (true, false) * f (true, false) +
                        mass gates (false, true) * f (false, true) + mass gates (false, false) * f (false, false).
Proof.
  unfold expectation.
  rewrite (sum_support _ [(true, true); (true, false); (false, true); (false, false)]).
  - cbn. ring.
  - apply support_once.
  - repeat constructor; cbn; intuition congruence.
  - intros a Ha. rewrite mass_off_support by exact Ha. ring.
  - intros [[] []] Ha; cbn in Ha; tauto.
Qed.

Section Masses.
Context {A : Type} `{eq_dec A}.

Lemma gated_open x : gated true x = x.
Proof. unfold gated. ring. Qed.
Lemma gated_closed x : gated false x = 0.
Proof. unfold gated. ring. Qed.

Lemma mass_push_id (p : law A) a : mass (push (fun b => b) p) a = mass p a.
Proof. apply (push_injective (fun b => b)). auto. Qed.

(** A constant has its whole mass in one place. *)
Lemma mass_push_constant {B} `{eq_dec B} (c b : B) (p : law A) :
  mass (push (fun _ => c) p) b = indicator (equal c b).
Proof.
  rewrite push_sum. unfold indicator. destruct (equal c b).
  - apply mass_total.
  - apply sum_zero. auto.
Qed.
End Masses.

(** What the pair (x, y) shows behind gates that stand at g and h. *)
Definition shown (g h : bool) (p : law (R * R)) (u v : R) : R :=
  match g, h with
  | true, true => mass p (u, v)
  | true, false => mass (first p) u * indicator (equal 0 v)
  | false, true => indicator (equal 0 u) * mass (second p) v
  | false, false => indicator (equal 0 u) * indicator (equal 0 v)
  end.
Definition shown_one (g : bool) (p : law R) (u : R) : R := if g then mass p u else indicator (equal 0 u).

Lemma shown_mass g h (p : law (R * R)) u v :
  mass (push (fun w => (gated g (fst w), gated h (snd w))) p) (u, v) = shown g h p u v.
Proof.
  destruct g, h; cbn [shown].
  - rewrite <- (mass_push_id p (u, v)). apply push_ext. intros [x y] _. now rewrite !gated_open.
  - unfold first. rewrite !push_sum, Rmult_comm, <- sum_scal. apply sum_ext. intros [x y] _. cbn [fst snd].
    rewrite gated_open, gated_closed. unfold indicator.
    destruct (equal (x, 0) (u, v)) as [E|E]; destruct (equal x u); destruct (equal 0 v); try ring; congruence.
  - unfold second. rewrite !push_sum, <- sum_scal. apply sum_ext. intros [x y] _. cbn [fst snd].
    rewrite gated_open, gated_closed. unfold indicator.
    destruct (equal (0, y) (u, v)) as [E|E]; destruct (equal 0 u); destruct (equal y v); try ring; congruence.
  - rewrite (push_ext _ (fun _ => (0, 0))) by (intros; now rewrite !gated_closed).
    rewrite mass_push_constant. unfold indicator.
    destruct (equal (0, 0) (u, v)); destruct (equal 0 u); destruct (equal 0 v); try ring; congruence.
Qed.

Lemma shown_one_mass {A} `{eq_dec A} g (neuron : A -> R) (p : law A) u :
  mass (push (fun w => gated g (neuron w)) p) u = shown_one g (push neuron p) u.
Proof.
  destruct g; cbn [shown_one].
  - apply push_ext. intros; apply gated_open.
  - rewrite (push_ext _ (fun _ => 0)) by (intros; apply gated_closed). apply mass_push_constant.
Qed.

(** The law of the pair and of each neuron with its gate, when the gates are seen. *)
Lemma seen_mass gates p g u h v :
  mass (behind_seen_gates gates p) ((g, u), (h, v)) = mass gates (g, h) * shown g h p u v.
Proof.
  unfold behind_seen_gates.
  rewrite (keyed_mass gates p _ (fun gh => gh) (fun gh w => (gated (fst gh) (fst w), gated (snd gh) (snd w)))
             ((g, u), (h, v)) (g, h) (u, v)).
  - now rewrite mass_push_id, shown_mass.
  - intros [g' h'] [x y]; cbn [fst snd]; split; [intros E|intros [E1 E2]].
    + now inversion E.
    + now inversion E1; inversion E2; subst.
Qed.
Lemma seen_first_mass gates p g u :
  mass (first (behind_seen_gates gates p)) (g, u) = mass (first gates) g * shown_one g (first p) u.
Proof.
  unfold first at 1, behind_seen_gates. rewrite push_push. cbn [fst].
  rewrite (keyed_mass gates p _ fst (fun g w => gated g (fst w)) (g, u) g u).
  - now rewrite shown_one_mass.
  - intros [g' h'] [x y]; cbn [fst snd]; split; [intros E; now inversion E|now intros [<- <-]].
Qed.
Lemma seen_second_mass gates p h v :
  mass (second (behind_seen_gates gates p)) (h, v) = mass (second gates) h * shown_one h (second p) v.
Proof.
  unfold second at 1, behind_seen_gates. rewrite push_push. cbn [snd].
  rewrite (keyed_mass gates p _ snd (fun h w => gated h (snd w)) (h, v) h v).
  - now rewrite shown_one_mass.
  - intros [g' h'] [x y]; cbn [fst snd]; split; [intros E; now inversion E|now intros [<- <-]].
Qed.

(** Without the gates in sight: the average over what they may be. *)
Lemma behind_mass gates p u v :
  mass (behind_gates gates p) (u, v) = expectation gates (fun gh => shown (fst gh) (snd gh) p u v).
Proof.
  unfold behind_gates. rewrite mixture_mass. unfold expectation. apply sum_ext. intros [g h] _. cbn [fst snd].
  now rewrite shown_mass.
Qed.

(** The pair behind gates is a map of the pair with its gates in sight, each neuron by itself. *)
Lemma behind_is_map gates p : same_law (behind_gates gates p) (push (pair_map snd snd) (behind_seen_gates gates p)).
Proof. intros uv. unfold behind_seen_gates. now rewrite push_push. Qed.

(** ** Information behind gates *)

Lemma expectation_affine {A} (p : law A) c d f : expectation p (fun a => c + d * f a) = c + d * expectation p f.
Proof.
  unfold expectation. transitivity (c * sum (support p) (mass p) + d * sum (support p) (fun a => mass p a * f a)).
  - rewrite <- !sum_scal, <- sum_plus. apply sum_ext. intros; ring.
  - rewrite mass_total. ring.
Qed.

Lemma ln_ratio a b c d e f : 0 < a -> 0 < b -> 0 < c -> 0 < d -> 0 < e -> 0 < f ->
  ln (a * d / (b * e * (c * f))) = ln (a / (b * c)) + ln (d / (e * f)).
Proof.
  intros. rewrite <- ln_mult by (apply Rdiv_lt_0_compat; auto using Rmult_lt_0_compat).
  f_equal. field. lra.
Qed.

Lemma first_positive {A B} `{eq_dec A} `{eq_dec B} (p : law (A * B)) a b : 0 < mass p (a, b) -> 0 < mass (first p) a.
Proof. intros Hab. eapply Rlt_le_trans; [exact Hab|exact (push_ge fst p (a, b))]. Qed.
Lemma second_positive {A B} `{eq_dec A} `{eq_dec B} (p : law (A * B)) a b : 0 < mass p (a, b) -> 0 < mass (second p) b.
Proof. intros Hab. eapply Rlt_le_trans; [exact Hab|exact (push_ge snd p (a, b))]. Qed.
Lemma indicator_same {A} `{eq_dec A} (a : A) : indicator (equal a a) = 1.
Proof. unfold indicator. destruct (equal a a); congruence. Qed.

(** The surprise of what is shown is that of the pair where both gates are open, and none elsewhere. *)
Lemma shown_surprise g h (p : law (R * R)) x y : 0 < mass p (x, y) ->
  let u := gated g x in let v := gated h y in
  0 < shown g h p u v /\ 0 < shown_one g (first p) u /\ 0 < shown_one h (second p) v /\
  ln (shown g h p u v / (shown_one g (first p) u * shown_one h (second p) v)) =
  (if andb g h then 1 else 0) * ln (mass p (x, y) / (mass (first p) x * mass (second p) y)).
Proof.
  intros Hxy. pose proof (first_positive p x y Hxy) as Hx. pose proof (second_positive p x y Hxy) as Hy.
  destruct g, h; cbn [shown shown_one andb]; rewrite ?gated_open, ?gated_closed, ?indicator_same;
    repeat split; try lra; match goal with |- ln ?r = _ => replace r with 1 by (field; lra) end;
    rewrite ln_1; ring.
Qed.

(** The chain rule for gates: for any joint law of the gates and any law of the pair, the information between
    (g, gx) and (h, hy) is that between the gates and, where both are open, that of the pair. *)
Lemma seen_gates (gates : law (bool * bool)) (p : law (R * R)) :
  mutual_information (behind_seen_gates gates p) =
  mutual_information gates + mass gates (true, true) * mutual_information p.
Proof.
  set (gates_term := fun gh : bool * bool =>
    ln (mass gates gh / (mass (first gates) (fst gh) * mass (second gates) (snd gh)))).
  set (pair_term := fun xy => ln (mass p xy / (mass (first p) (fst xy) * mass (second p) (snd xy)))).
  change (mutual_information gates) with (expectation gates gates_term).
  change (mutual_information p) with (expectation p pair_term).
  transitivity (expectation gates (fun gh => gates_term gh +
    (if andb (fst gh) (snd gh) then 1 else 0) * expectation p pair_term)).
  2: { rewrite !expectation_gates. cbn [fst snd andb]. ring. }
  unfold behind_seen_gates. rewrite mutual_information_push, expectation_product.
  apply expectation_ext. intros [g h] Hgh. rewrite <- expectation_affine.
  apply expectation_ext. intros [x y] Hxy. cbn [fst snd].
  destruct (shown_surprise g h p x y Hxy) as (Hs & Hs1 & Hs2 & E).
  unfold pair_term. cbn [fst snd]. rewrite <- E. unfold gates_term. cbn [fst snd].
  pose proof (first_positive gates g h Hgh). pose proof (second_positive gates g h Hgh).
  rewrite <- ln_ratio by assumption.
  f_equal. f_equal; [exact (seen_mass gates p g _ h _)|].
  f_equal; [rewrite <- seen_first_mass|rewrite <- seen_second_mass]; symmetry; apply push_push.
Qed.

Lemma product_information {A B} `{eq_dec A} `{eq_dec B} (p : law A) (r : law B) : mutual_information (product p r) = 0.
Proof. apply mutual_information_zero. intros a b. now rewrite first_product, second_product. Qed.
Lemma independent_gates_information q s Hq Hs : mutual_information (independent_gates q s Hq Hs) = 0.
Proof. apply product_information. Qed.
Lemma shared_gate_information q Hq : mutual_information (shared_gate q Hq) = binary_entropy q.
Proof.
  rewrite mutual_information_entropies, <- (entropy_bernoulli q Hq).
  rewrite (entropy_same_law (first _) (bernoulli q Hq)), (entropy_same_law (second _) (bernoulli q Hq)).
  - unfold shared_gate. rewrite entropy_injective by congruence. ring.
  - intros a. unfold second, shared_gate. rewrite push_push. apply mass_push_id.
  - intros a. unfold first, shared_gate. rewrite push_push. apply mass_push_id.
Qed.

(** Both gates are open with probability q s, and a shared gate with probability q. *)
Lemma independent_gates_open q s Hq Hs : mass (independent_gates q s Hq Hs) (true, true) = q * s.
Proof. reflexivity. Qed.
Lemma shared_gate_open q Hq : mass (shared_gate q Hq) (true, true) = q.
Proof. unfold shared_gate. rewrite (push_injective (fun o : bool => (o, o)) _ true) by congruence. reflexivity. Qed.

(** Closed gates hidden among zeros can only cost information; without atoms nothing is hidden. *)
Lemma behind_gates_le (gates : law (bool * bool)) (p : law (R * R)) :
  mutual_information (behind_gates gates p) <=
  mutual_information gates + mass gates (true, true) * mutual_information p.
Proof.
  rewrite <- seen_gates, (mutual_information_same_law _ _ (behind_is_map gates p)). apply data_processing.
Qed.

(** Without an atom at 0 a neuron tells its gate: 0 is a closed gate, anything else an open one. *)
Lemma gate_is_seen {G} (gate : G -> bool) (gates : law G) (neuron : law R) :
  no_atom neuron ->
  forall a b, 0 < mass (push gate gates) (fst a) * shown_one (fst a) neuron (snd a) ->
              0 < mass (push gate gates) (fst b) * shown_one (fst b) neuron (snd b) -> snd a = snd b -> a = b.
Proof.
  unfold no_atom, shown_one, indicator. intros none [g u] [h v]. cbn [fst snd]. intros Hg Hh ->.
  destruct g, h; try reflexivity; destruct (equal 0 v) as [<-|]; exfalso; rewrite ?none in *; lra.
Qed.

Lemma behind_gates_information (gates : law (bool * bool)) (p : law (R * R)) :
  no_atoms p ->
  mutual_information (behind_gates gates p) =
  mutual_information gates + mass gates (true, true) * mutual_information p.
Proof.
  intros [none_x none_y]. rewrite <- seen_gates, (mutual_information_same_law _ _ (behind_is_map gates p)).
  apply mutual_information_injective.
  - intros [g u] [h v]. rewrite !seen_first_mass. apply (gate_is_seen fst gates _ none_x (g, u) (h, v)).
  - intros [g u] [h v]. rewrite !seen_second_mass. apply (gate_is_seen snd gates _ none_y (g, u) (h, v)).
Qed.
