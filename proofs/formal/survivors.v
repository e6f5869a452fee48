(** Any number of neurons: their total correlation, and which of them the gates leave. *)
From Coq Require Import Reals List Lra Lia.
From Iclab Require Export gates.
Import ListNotations.
Open Scope R_scope.

(** A neuron is a real function of the outcome of a law, a gate a boolean one: n of them are a list of functions.
    The joint law of the neurons fs is [push (values fs) p]; a law on lists of reals is the case where the i-th
    function reads the i-th entry. *)
Definition values {W A} (fs : list (W -> A)) (w : W) : list A := map (fun f => f w) fs.

(** TC = sum of the entropies less the joint entropy. *)
Definition total_correlation {W A} `{eq_dec A} (p : law W) (fs : list (W -> A)) : R :=
  sum fs (fun f => entropy (push f p)) - entropy (push (values fs) p).

(** The mutual information of two groups, each taken as one vector. *)
Definition group_information {W A} `{eq_dec A} (p : law W) (fs ks : list (W -> A)) : R :=
  mutual_information (push (fun w => (values fs w, values ks w)) p).

(** Each neuron behind the gate of the same place; and together with its gate. The outcome is the gates' and the
    neurons'. *)
Definition behind {G W} (gs : list (G -> bool)) (fs : list (W -> R)) : list (G * W -> R) :=
  map (fun gf w => gated (fst gf (fst w)) (snd gf (snd w))) (combine gs fs).
Definition seen {G W} (gs : list (G -> bool)) (fs : list (W -> R)) : list (G * W -> bool * R) :=
  map (fun gf w => (fst gf (fst w), gated (fst gf (fst w)) (snd gf (snd w)))) (combine gs fs).

(** What a pattern of open gates leaves of a list: the places that hold [true]. *)
Fixpoint select {A} (s : list bool) (l : list A) : list A :=
  match s, l with
  | true :: s', a :: l' => a :: select s' l'
  | false :: s', _ :: l' => select s' l'
  | _, _ => []
  end.

(** * Expectation *)
Section Expectation.
Context {A : Type}.

Lemma expectation_minus (p : law A) f k : expectation p (fun a => f a - k a) = expectation p f - expectation p k.
Proof.
  unfold expectation. rewrite <- sum_minus. apply sum_ext. intros; ring.
Qed.
End Expectation.

(** * Entropy *)
(** What can happen has an image that can happen; outcomes need no decidable equality. *)
Lemma push_image_positive {W A} `{eq_dec A} (f : W -> A) (p : law W) w : 0 < mass p w -> 0 < mass (push f p) (f w).
Proof.
  intros Hw. destruct (mass_nonneg (push f p) (f w)) as [positive | zero]; [exact positive|].
  cbn [mass push] in zero. unfold push_mass in zero. rewrite (mass_off_support p w) in Hw; [lra|]. intros Hin.
  enough (mass p w = 0) by lra. symmetry in zero.
  apply sum_zero_inv with (a := w) in zero; [destruct (equal (f w) (f w)); congruence | | exact Hin].
  intros v _. destruct (equal (f v) (f w)); [apply mass_nonneg | lra].
Qed.

Section Entropy.
Context {W G A B : Type} `{eq_dec A} `{eq_dec B}.

(** Two maps that tell the same outcomes apart have images of the same entropy. *)
Lemma entropy_same_fibres (f : W -> A) (k : W -> B) (p : law W) :
  (forall v w, 0 < mass p v -> 0 < mass p w -> (f v = f w <-> k v = k w)) -> entropy (push f p) = entropy (push k p).
Proof.
  intros fibres. rewrite !entropy_push. f_equal. apply expectation_ext. intros w Hw. f_equal.
  apply sum_ext. intros v _. destruct (mass_nonneg p v) as [Hv | Hv].
  - specialize (fibres v w Hv Hw). destruct (equal (f v) (f w)), (equal (k v) (k w)); tauto.
  - destruct (equal (f v) (f w)), (equal (k v) (k w)); auto.
Qed.

Lemma entropy_constant (c : A) (p : law W) : entropy (push (fun _ => c) p) = 0.
Proof.
  rewrite entropy_push. replace (mass (push (fun _ => c) p) c) with 1.
  - rewrite ln_1, expectation_const. ring.
  - rewrite <- (mass_total p). apply sum_ext. intros w _. destruct (equal c c); congruence.
Qed.

Lemma push_pair_mass (k : G -> A) (h : A -> W -> B) (g : law G) (p : law W) a b :
  mass (push (fun v => (k (fst v), h (k (fst v)) (snd v))) (product g p)) (a, b) =
  mass (push k g) a * mass (push (h a) p) b.
Proof. apply keyed_mass. intros v w. cbn [fst snd]. split; [intros [= <- <-]|intros [<- <-]]; easy. Qed.

(** The chain rule: what is seen of the gates, and then something of the neurons that depends on what was seen. *)
Lemma entropy_chain (k : G -> A) (h : A -> W -> B) (g : law G) (p : law W) :
  entropy (push (fun v => (k (fst v), h (k (fst v)) (snd v))) (product g p)) =
  entropy (push k g) + expectation g (fun v => entropy (push (h (k v)) p)).
Proof.
  rewrite entropy_push, expectation_product.
  transitivity (- expectation g (fun v => ln (mass (push k g) (k v)) +
                                           expectation p (fun w => ln (mass (push (h (k v)) p) (h (k v) w))))).
  - f_equal. apply expectation_ext. intros v Hv.
    rewrite <- (expectation_const p (ln (mass (push k g) (k v)))), <- expectation_plus.
    apply expectation_ext. intros w Hw. cbn [fst snd]. rewrite push_pair_mass. apply ln_mult.
    + apply push_image_positive, Hv.
    + apply (push_image_positive (h (k v))), Hw.
  - rewrite expectation_plus, Ropp_plus_distr, (entropy_push k). f_equal.
    rewrite <- expectation_opp. apply expectation_ext. intros v _. rewrite entropy_push. reflexivity.
Qed.
End Entropy.

(** Mutual information of two functions of the outcome. *)
Lemma information_entropies {W A B} `{eq_dec A} `{eq_dec B} (f : W -> A) (k : W -> B) (p : law W) :
  mutual_information (push (fun w => (f w, k w)) p) =
  entropy (push f p) + entropy (push k p) - entropy (push (fun w => (f w, k w)) p).
Proof.
  rewrite mutual_information_entropies. unfold first, second.
  rewrite (entropy_same_law _ _ (push_push _ fst p)), (entropy_same_law _ _ (push_push _ snd p)). reflexivity.
Qed.

(** * Total correlation *)
Section Total_correlation.
Context {W A : Type} `{eq_dec A}.

(** No neuron, and one alone. *)
Lemma total_correlation_nil (p : law W) : total_correlation p (@nil (W -> A)) = 0.
Proof. unfold total_correlation, values. cbn. rewrite entropy_constant. ring. Qed.

Lemma entropy_cons (f : W -> A) fs (p : law W) :
  entropy (push (values (f :: fs)) p) = entropy (push (fun w => (f w, values fs w)) p).
Proof.
  apply entropy_same_fibres. intros v w _ _. unfold values. cbn [map]. split; intros e; injection e; congruence.
Qed.

(** One neuron more adds its information about the others. *)
Lemma total_correlation_cons (f : W -> A) fs (p : law W) :
  total_correlation p (f :: fs) = mutual_information (push (fun w => (f w, values fs w)) p) + total_correlation p fs.
Proof.
  rewrite information_entropies. unfold total_correlation. cbn [sum]. rewrite entropy_cons. ring.
Qed.

Lemma total_correlation_nonneg (p : law W) (fs : list (W -> A)) : 0 <= total_correlation p fs.
Proof.
  induction fs as [|f fs IH].
  - rewrite total_correlation_nil. lra.
  - rewrite total_correlation_cons. apply Rplus_le_le_0_compat; [apply mutual_information_nonneg | exact IH].
Qed.

(** Of two, it is their mutual information. *)
Lemma total_correlation_pair (f k : W -> A) (p : law W) :
  total_correlation p [f; k] = mutual_information (push (fun w => (f w, k w)) p).
Proof.
  rewrite information_entropies. unfold total_correlation. cbn [sum].
  rewrite (entropy_same_fibres (values [f; k]) (fun w => (f w, k w))); [ring|].
  intros v w _ _. unfold values. cbn [map]. split; intros e; injection e; congruence.
Qed.

(** Two groups in terms of entropies. *)
Lemma values_app (fs ks : list (W -> A)) w : values (fs ++ ks) w = values fs w ++ values ks w.
Proof. apply map_app. Qed.

Lemma app_inj (l l' m m' : list A) : length l = length l' -> l ++ m = l' ++ m' -> l = l' /\ m = m'.
Proof.
  revert l'. induction l as [|a l IH]; intros [|a' l'] e; try discriminate; cbn; [auto|].
  intros e'. injection e' as -> e'. destruct (IH l' ltac:(auto) e') as [-> ->]. auto.
Qed.

Lemma group_information_entropies (fs ks : list (W -> A)) (p : law W) :
  group_information p fs ks =
  entropy (push (values fs) p) + entropy (push (values ks) p) - entropy (push (values (fs ++ ks)) p).
Proof.
  unfold group_information. rewrite information_entropies. f_equal. apply entropy_same_fibres. intros v w _ _.
  rewrite !values_app. split; intros e.
  - congruence.
  - apply app_inj in e; [destruct e; congruence | unfold values; rewrite !map_length; reflexivity].
Qed.

Lemma group_information_nonneg (p : law W) (fs ks : list (W -> A)) : 0 <= group_information p fs ks.
Proof. apply mutual_information_nonneg. Qed.

End Total_correlation.

(** * A map of each neuron *)
Section Mapped.
Context {W A B : Type} `{eq_dec A} `{eq_dec B}.

(** Data processing: a map of each neuron by itself can only lose. *)
Definition mapped (h : A -> B) (fs : list (W -> A)) : list (W -> B) := map (fun f w => h (f w)) fs.

Lemma values_mapped (h : A -> B) fs w : values (mapped h fs) w = map h (values fs w).
Proof. unfold values, mapped. rewrite !map_map. reflexivity. Qed.

Lemma total_correlation_mapped_le (h : A -> B) (p : law W) fs :
  total_correlation p (mapped h fs) <= total_correlation p fs.
Proof.
  induction fs as [|f fs IH]; [unfold mapped; cbn [map]; rewrite !total_correlation_nil; lra|].
  cbn [mapped map]. fold (mapped h fs). rewrite !total_correlation_cons. apply Rplus_le_compat; [|exact IH].
  rewrite (mutual_information_same_law _ (push (pair_map h (map h)) (push (fun w => (f w, values fs w)) p))).
  - apply data_processing.
  - intros c. rewrite push_push. unfold pair_map. cbn [fst snd]. apply push_ext.
    intros w _. rewrite values_mapped. reflexivity.
Qed.

Lemma group_information_mapped_le (h : A -> B) (p : law W) fs ks :
  group_information p (mapped h fs) (mapped h ks) <= group_information p fs ks.
Proof.
  unfold group_information.
  rewrite (mutual_information_same_law _
             (push (pair_map (map h) (map h)) (push (fun w => (values fs w, values ks w)) p))).
  - apply data_processing.
  - intros c. rewrite push_push. unfold pair_map. cbn [fst snd]. apply push_ext.
    intros w _. rewrite !values_mapped. reflexivity.
Qed.

(** A map that tells apart what the neurons do loses nothing. *)
Lemma entropy_mapped (h : A -> B) (p : law W) fs :
  (forall f v w, In f fs -> 0 < mass p v -> 0 < mass p w -> h (f v) = h (f w) -> f v = f w) ->
  entropy (push (values (mapped h fs)) p) = entropy (push (values fs) p).
Proof.
  intros inj. apply entropy_same_fibres. intros v w Hv Hw. rewrite !values_mapped. split; [|congruence].
  unfold values. rewrite !map_map. intros e.
  apply map_ext_in. intros f Hf. apply inj; auto. revert f Hf. apply ext_in_map. exact e.
Qed.

Lemma total_correlation_mapped (h : A -> B) (p : law W) fs :
  (forall f v w, In f fs -> 0 < mass p v -> 0 < mass p w -> h (f v) = h (f w) -> f v = f w) ->
  total_correlation p (mapped h fs) = total_correlation p fs.
Proof.
  intros inj. unfold total_correlation. rewrite entropy_mapped by exact inj. f_equal. unfold mapped.
  rewrite sum_map. apply sum_ext. intros f Hf. apply entropy_same_fibres. intros v w Hv Hw.
  split; [apply inj; auto | congruence].
Qed.

Lemma group_information_mapped (h : A -> B) (p : law W) fs ks :
  (forall f v w, In f (fs ++ ks) -> 0 < mass p v -> 0 < mass p w -> h (f v) = h (f w) -> f v = f w) ->
  group_information p (mapped h fs) (mapped h ks) = group_information p fs ks.
Proof.
  intros inj. rewrite !group_information_entropies. unfold mapped at 3 4. rewrite <- map_app.
  fold (mapped h (fs ++ ks)).
  rewrite !entropy_mapped; [reflexivity | | |]; intros f v w Hf; apply inj; auto using in_or_app.
Qed.
End Mapped.

(** * Behind gates *)
Section Gates.
Context {G W : Type}.

Lemma behind_mapped (gs : list (G -> bool)) (fs : list (W -> R)) : behind gs fs = mapped snd (seen gs fs).
Proof. unfold behind, seen, mapped. rewrite map_map. reflexivity. Qed.

Lemma seen_app (gs hs : list (G -> bool)) (fs ks : list (W -> R)) :
  length gs = length fs -> seen (gs ++ hs) (fs ++ ks) = seen gs fs ++ seen hs ks.
Proof.
  revert fs. induction gs as [|g gs IH]; intros [|f fs] e; try discriminate; [reflexivity|].
  cbn. f_equal. apply IH. auto.
Qed.

Lemma select_app {A} (s t : list bool) (l m : list A) :
  length s = length l -> select (s ++ t) (l ++ m) = select s l ++ select t m.
Proof.
  revert l. induction s as [|b s IH]; intros [|a l] e; try discriminate; [reflexivity|].
  destruct b; cbn; rewrite IH by auto; reflexivity.
Qed.

(** Gates and neurons behind them tell the same as gates and surviving neurons. *)
Lemma seen_fibres (gs : list (G -> bool)) (fs : list (W -> R)) v w :
  length gs = length fs ->
  values (seen gs fs) v = values (seen gs fs) w <->
  values gs (fst v) = values gs (fst w) /\
  values (select (values gs (fst v)) fs) (snd v) = values (select (values gs (fst w)) fs) (snd w).
Proof.
  revert fs. induction gs as [|g gs IH]; intros [|f fs] e; try discriminate; [cbn; tauto|].
  specialize (IH fs ltac:(auto)). unfold values, seen in *. cbn [map combine fst snd select].
  destruct (g (fst v)), (g (fst w)); cbn [map]; rewrite ?gated_open, ?gated_closed; split.
  all: try (intros e'; discriminate e'); try (intros [eg _]; discriminate eg).
  - intros e'. injection e' as ef es. apply IH in es as [eg es]. split; f_equal; assumption.
  - intros [eg es]. injection eg as eg. injection es as ef es. rewrite ef. f_equal. apply IH. auto.
  - intros e'. injection e' as es. apply IH in es as [eg es]. split; [f_equal|]; assumption.
  - intros [eg es]. injection eg as eg. f_equal. apply IH. auto.
Qed.

(** Without atoms nothing is lost when the gates are not seen. *)
Lemma unseen_fibres (gs : list (G -> bool)) (fs : list (W -> R)) (g : law G) (p : law W) :
  (forall f, In f fs -> no_atom (push f p)) ->
  forall f v w, In f (seen gs fs) -> 0 < mass (product g p) v -> 0 < mass (product g p) w ->
  snd (f v) = snd (f w) -> f v = f w.
Proof.
  intros atoms f v w Hf Hv Hw. apply in_map_iff in Hf as [[gate neuron] [<- Hf]]. apply in_combine_r in Hf.
  assert (open : forall u, 0 < mass (product g p) u -> neuron (snd u) <> 0).
  { intros u Hu e. specialize (atoms neuron Hf). unfold no_atom in atoms. cbn [mass product] in Hu.
    destruct (mass_nonneg p (snd u)) as [positive | zero].
    - apply (push_image_positive neuron) in positive. rewrite e, atoms in positive. lra.
    - rewrite <- zero, Rmult_0_r in Hu. lra. }
  specialize (open v Hv) as ov. specialize (open w Hw) as ow. cbn [fst snd].
  destruct (gate (fst v)), (gate (fst w)); rewrite ?gated_open, ?gated_closed; congruence.
Qed.

(** The joint entropy of gates and neurons: any gates, any neurons. *)
Lemma entropy_seen (gs : list (G -> bool)) (fs : list (W -> R)) (g : law G) (p : law W) :
  length gs = length fs ->
  entropy (push (values (seen gs fs)) (product g p)) =
  entropy (push (values gs) g) + expectation g (fun v => entropy (push (values (select (values gs v) fs)) p)).
Proof.
  intros e. rewrite <- (entropy_chain (values gs) (fun s => values (select s fs))). apply entropy_same_fibres.
  intros v w _ _. rewrite (seen_fibres gs fs v w e). split; [intros [-> ->]; reflexivity|].
  intros e'. injection e'. auto.
Qed.

(** One neuron and its gate. *)
Lemma entropy_seen_one (gate : G -> bool) (neuron : W -> R) (g : law G) (p : law W) :
  entropy (push (fun w => (gate (fst w), gated (gate (fst w)) (neuron (snd w)))) (product g p)) =
  entropy (push gate g) + expectation g (fun v => if gate v then entropy (push neuron p) else 0).
Proof.
  rewrite (entropy_chain gate (fun open w => gated open (neuron w))). f_equal. apply expectation_ext. intros v _.
  destruct (gate v).
  - apply entropy_same_fibres. intros w w' _ _. rewrite !gated_open. tauto.
  - rewrite <- (entropy_constant 0 p). apply entropy_same_fibres. intros w w' _ _. rewrite !gated_closed. tauto.
Qed.

Lemma entropies_seen (gs : list (G -> bool)) (fs : list (W -> R)) (g : law G) (p : law W) :
  length gs = length fs ->
  sum (seen gs fs) (fun f => entropy (push f (product g p))) =
  sum gs (fun gate => entropy (push gate g)) +
  expectation g (fun v => sum (select (values gs v) fs) (fun f => entropy (push f p))).
Proof.
  revert fs. induction gs as [|gate gs IH]; intros [|f fs] e; try discriminate.
  - cbn. rewrite expectation_const. ring.
  - specialize (IH fs ltac:(auto)). unfold seen, values in *. cbn [combine map sum fst snd].
    rewrite IH, entropy_seen_one. clear IH.
    transitivity (entropy (push gate g) + sum gs (fun gate => entropy (push gate g)) +
      (expectation g (fun v => if gate v then entropy (push f p) else 0) +
       expectation g (fun v => sum (select (map (fun f => f v) gs) fs) (fun f => entropy (push f p))))); [ring|].
    f_equal. rewrite <- expectation_plus. apply expectation_ext. intros v _. cbn [select].
    destruct (gate v); cbn [sum]; ring.
Qed.

Lemma total_correlation_seen (gs : list (G -> bool)) (fs : list (W -> R)) (g : law G) (p : law W) :
  length gs = length fs ->
  total_correlation (product g p) (seen gs fs) =
  total_correlation g gs + expectation g (fun v => total_correlation p (select (values gs v) fs)).
Proof.
  intros e. unfold total_correlation. rewrite entropies_seen, entropy_seen, expectation_minus by exact e. ring.
Qed.

Lemma group_information_seen (gs hs : list (G -> bool)) (fs ks : list (W -> R)) (g : law G) (p : law W) :
  length gs = length fs -> length hs = length ks ->
  group_information (product g p) (seen gs fs) (seen hs ks) =
  group_information g gs hs +
  expectation g (fun v => group_information p (select (values gs v) fs) (select (values hs v) ks)).
Proof.
  intros e e'.
  rewrite (expectation_ext g _ (fun v => entropy (push (values (select (values gs v) fs)) p) +
      entropy (push (values (select (values hs v) ks)) p) -
      entropy (push (values (select (values (gs ++ hs) v) (fs ++ ks))) p))).
  - rewrite expectation_minus, expectation_plus, !group_information_entropies, <- seen_app, !entropy_seen.
    1: ring. all: rewrite ?app_length; congruence.
  - intros v _. rewrite group_information_entropies, values_app, select_app; [reflexivity|].
    unfold values. rewrite map_length. exact e.
Qed.
End Gates.
