(** c08: total correlation, joint entropy and information of groups, for any number of neurons behind gates.

    p is the law of an outcome, of which each neuron is a function: [fs] are the neurons, [values fs] their vector, and
    [total_correlation p fs] the sum of their entropies less the entropy of the vector. Gates are independent of the
    neurons: the law of both is a product. [behind gs fs] are the neurons behind the gates gs. A pattern of open gates
    is a list of booleans, [select s fs] the neurons that it leaves, [subsets n] the list of the 2^n patterns. *)
From Coq Require Import Reals List Lra Lia.
From Iclab Require Export gate_patterns.
Import ListNotations.
Open Scope R_scope.

(** No neuron has an atom at zero: else a closed gate could be taken for a neuron that is zero, and what is left is a
    bound (c08_counterexample_atom). *)
Definition no_atom_in {W} (p : law W) (fs : list (W -> R)) : Prop := forall f, In f fs -> no_atom (push f p).

(** The law of n independent gates of means qs and of neurons that know nothing of them. *)
Definition with_gates {W} (qs : list R) (means : probabilities qs) (p : law W) : law (list bool * W) :=
  product (bernoulli_gates qs means) p.
(** The n neurons, each behind its own gate. *)
Definition dropped {W} (fs : list (W -> R)) : list (list bool * W -> R) := behind (bits (length fs)) fs.

(** Gates of one mean. *)
Lemma equal_means n q : 0 <= q <= 1 -> probabilities (repeat q n).
Proof. intros Hq. apply Forall_forall. intros r Hr. apply repeat_spec in Hr. subst. exact Hq. Qed.

(** * Gates of any joint law *)
Section Any_gates.
Context {G W : Type} (g : law G) (gs : list (G -> bool)) (p : law W) (fs : list (W -> R)).
(** There is one gate for each neuron. *)
Hypothesis one_each : length gs = length fs.

Lemma entropy_behind : no_atom_in p fs ->
  entropy (push (values (behind gs fs)) (product g p)) =
  entropy (push (values gs) g) + expectation g (fun v => entropy (push (values (select (values gs v) fs)) p)).
Proof.
  intros atoms. rewrite behind_mapped, entropy_mapped; [apply entropy_seen, one_each | apply unseen_fibres, atoms].
Qed.

Lemma total_correlation_behind : no_atom_in p fs ->
  total_correlation (product g p) (behind gs fs) =
  total_correlation g gs + expectation g (fun v => total_correlation p (select (values gs v) fs)).
Proof.
  intros atoms. rewrite behind_mapped, total_correlation_mapped;
    [apply total_correlation_seen, one_each | apply unseen_fibres, atoms].
Qed.

Lemma total_correlation_behind_le :
  total_correlation (product g p) (behind gs fs) <=
  total_correlation g gs + expectation g (fun v => total_correlation p (select (values gs v) fs)).
Proof.
  rewrite behind_mapped, <- total_correlation_seen by exact one_each. apply total_correlation_mapped_le.
Qed.

(** Gates of any joint law, correlated or not: behind them the total correlation is the gates' own and the mean,
    over the patterns s of open gates, of that of the neurons s leaves. *)
Theorem c08_any_gates : no_atom_in p fs ->
  total_correlation (product g p) (behind gs fs) =
  total_correlation g gs +
  sum (subsets (length fs)) (fun s => mass (push (values gs) g) s * total_correlation p (select s fs)).
Proof.
  intros atoms. rewrite total_correlation_behind by exact atoms. f_equal.
  apply (expectation_patterns g gs (length fs) (fun s => total_correlation p (select s fs)) one_each).
Qed.

(** With atoms at zero that is an upper bound. *)
Theorem c08_any_gates_bound :
  total_correlation (product g p) (behind gs fs) <=
  total_correlation g gs +
  sum (subsets (length fs)) (fun s => mass (push (values gs) g) s * total_correlation p (select s fs)).
Proof.
  eapply Rle_trans; [apply total_correlation_behind_le|]. right. f_equal.
  apply (expectation_patterns g gs (length fs) (fun s => total_correlation p (select s fs)) one_each).
Qed.
End Any_gates.

Section Any_groups.
Context {G W : Type} (g : law G) (gs hs : list (G -> bool)) (p : law W) (fs ks : list (W -> R)).
Hypothesis one_each : length gs = length fs.
Hypothesis one_each' : length hs = length ks.

Lemma group_information_behind : no_atom_in p (fs ++ ks) ->
  group_information (product g p) (behind gs fs) (behind hs ks) =
  group_information g gs hs +
  expectation g (fun v => group_information p (select (values gs v) fs) (select (values hs v) ks)).
Proof.
  intros atoms. rewrite !behind_mapped, group_information_mapped.
  - apply group_information_seen; assumption.
  - rewrite <- seen_app by exact one_each. apply unseen_fibres, atoms.
Qed.

Lemma group_information_behind_le :
  group_information (product g p) (behind gs fs) (behind hs ks) <=
  group_information g gs hs +
  expectation g (fun v => group_information p (select (values gs v) fs) (select (values hs v) ks)).
Proof.
  rewrite !behind_mapped, <- group_information_seen by assumption. apply group_information_mapped_le.
Qed.
End Any_groups.

(** * Independent gates *)
Section Independent_gates.
Context {W : Type} (p : law W) (fs : list (W -> R)) (qs : list R).
(** The means are probabilities, and there is one for each neuron. Gates that are not independent add their own
    total correlation (c08_any_gates, c08_counterexample_shared_gate). *)
Context (means : probabilities qs) (one_each : length qs = length fs).

Lemma gates_one_each : length (bits (length fs)) = length fs.
Proof. apply bits_length. Qed.

(** The vector of the neurons behind independent gates: its entropy is that of the gates, and the mean over
    the subsets s of neurons of the entropy of the neurons in s. *)
Theorem c08_entropy_survivors : no_atom_in p fs ->
  entropy (push (values (dropped fs)) (with_gates qs means p)) =
  sum qs binary_entropy +
  sum (subsets (length fs)) (fun s => chance_of qs s * entropy (push (values (select s fs)) p)).
Proof.
  intros atoms. unfold with_gates, dropped. rewrite entropy_behind by (exact gates_one_each || exact atoms).
  rewrite <- one_each, entropy_values_bits. f_equal.
  apply (expectation_bits qs means (fun s => entropy (push (values (select s fs)) p))).
Qed.

(** The total correlation of neurons behind independent gates is the mean of the total correlation of the
    neurons in s, over the subsets s, each with the probability that the gates are open just on s. *)
Theorem c08_total_correlation : no_atom_in p fs ->
  total_correlation (with_gates qs means p) (dropped fs) =
  sum (subsets (length fs)) (fun s => chance_of qs s * total_correlation p (select s fs)).
Proof.
  intros atoms. unfold with_gates, dropped. rewrite total_correlation_behind by (exact gates_one_each || exact atoms).
  rewrite <- one_each, total_correlation_bits, Rplus_0_l.
  apply (expectation_bits qs means (fun s => total_correlation p (select s fs))).
Qed.

(** Atoms at zero allowed, it is an upper bound. *)
Theorem c08_total_correlation_bound :
  total_correlation (with_gates qs means p) (dropped fs) <=
  sum (subsets (length fs)) (fun s => chance_of qs s * total_correlation p (select s fs)).
Proof.
  unfold with_gates, dropped. eapply Rle_trans; [apply total_correlation_behind_le, gates_one_each|]. right.
  rewrite <- one_each, total_correlation_bits, Rplus_0_l.
  apply (expectation_bits qs means (fun s => total_correlation p (select s fs))).
Qed.
End Independent_gates.

(** All gates of one mean q: TC(x') = sum over the subsets s of the n neurons of q^|s| (1-q)^(n-|s|) TC(x_s). *)
Corollary c08_total_correlation_equal_means {W} (p : law W) (fs : list (W -> R)) q (Hq : 0 <= q <= 1) :
  let n := length fs in
  no_atom_in p fs ->
  total_correlation (with_gates (repeat q n) (equal_means n q Hq) p) (dropped fs) =
  sum (subsets n) (fun s => q ^ size s * (1 - q) ^ (n - size s) * total_correlation p (select s fs)).
Proof.
  intros n atoms. rewrite c08_total_correlation by (apply repeat_length || exact atoms).
  apply sum_ext. intros s Hs. rewrite (chance_of_equal n q s Hs). reflexivity.
Qed.

(** The entropy too: H(x') = n H_b(q) + sum over s of q^|s| (1-q)^(n-|s|) H(x_s). *)
Corollary c08_entropy_survivors_equal_means {W} (p : law W) (fs : list (W -> R)) q (Hq : 0 <= q <= 1) :
  let n := length fs in
  no_atom_in p fs ->
  entropy (push (values (dropped fs)) (with_gates (repeat q n) (equal_means n q Hq) p)) =
  INR n * binary_entropy q +
  sum (subsets n) (fun s => q ^ size s * (1 - q) ^ (n - size s) * entropy (push (values (select s fs)) p)).
Proof.
  intros n atoms. rewrite c08_entropy_survivors by (apply repeat_length || exact atoms). f_equal.
  - clear. subst n. induction (length fs) as [|n IH]; [cbn; ring|]. rewrite S_INR. cbn [repeat sum]. rewrite IH. ring.
  - apply sum_ext. intros s Hs. rewrite (chance_of_equal n q s Hs). reflexivity.
Qed.

(** Total correlation is never negative. *)
Theorem c08_total_correlation_nonneg {W A} `{eq_dec A} (p : law W) (fs : list (W -> A)) : 0 <= total_correlation p fs.
Proof. apply total_correlation_nonneg. Qed.

(** * Groups *)
Section Groups.
Context {W : Type} (p : law W) (fs ks : list (W -> R)) (qs rs : list R).
Context (means : probabilities qs) (means' : probabilities rs).
Context (one_each : length qs = length fs) (one_each' : length rs = length ks).

(** Two groups of neurons, each neuron behind a gate of its own. *)
Definition group_gates : law (list bool * list bool) := product (bernoulli_gates qs means) (bernoulli_gates rs means').
Definition dropped_first : list ((list bool * list bool) * W -> R) := behind (on_first (bits (length fs))) fs.
Definition dropped_second : list ((list bool * list bool) * W -> R) := behind (on_second (bits (length ks))) ks.

Lemma on_first_one_each : length (@on_first _ (list bool) _ (bits (length fs))) = length fs.
Proof. unfold on_first. rewrite map_length. apply bits_length. Qed.
Lemma on_second_one_each : length (@on_second (list bool) _ _ (bits (length ks))) = length ks.
Proof. unfold on_second. rewrite map_length. apply bits_length. Qed.

Lemma expectation_group_gates (f : list bool -> list bool -> R) :
  expectation group_gates (fun v => f (values (on_first (bits (length fs))) v)
    (values (on_second (bits (length ks))) v)) =
  sum (subsets (length fs)) (fun s => sum (subsets (length ks)) (fun t => chance_of qs s * chance_of rs t * f s t)).
Proof.
  unfold group_gates. rewrite expectation_product, <- one_each, <- one_each'.
  transitivity (sum (subsets (length qs)) (fun s => chance_of qs s * sum (subsets (length rs))
    (fun t => chance_of rs t * f s t))).
  - rewrite <- (expectation_bits qs means). apply expectation_ext. intros s _. rewrite <- (expectation_bits rs means').
    apply expectation_ext. intros t _. rewrite values_on_first, values_on_second. reflexivity.
  - apply sum_ext. intros s _. rewrite <- sum_scal. apply sum_ext. intros t _. ring.
Qed.

(** What two groups of neurons behind independent gates tell of each other is the mean, over the subsets s of the
    first and t of the second, of what the neurons in s and those in t tell of each other. *)
Theorem c08_group_information : no_atom_in p (fs ++ ks) ->
  group_information (product group_gates p) dropped_first dropped_second =
  sum (subsets (length fs)) (fun s => sum (subsets (length ks)) (fun t =>
    chance_of qs s * chance_of rs t * group_information p (select s fs) (select t ks))).
Proof.
  intros atoms. unfold dropped_first, dropped_second.
  rewrite group_information_behind by (exact on_first_one_each || exact on_second_one_each || exact atoms).
  unfold group_gates at 1. rewrite group_information_product, Rplus_0_l.
  apply (expectation_group_gates (fun s t => group_information p (select s fs) (select t ks))).
Qed.

(** Atoms at zero allowed, it is an upper bound. *)
Theorem c08_group_information_bound :
  group_information (product group_gates p) dropped_first dropped_second <=
  sum (subsets (length fs)) (fun s => sum (subsets (length ks)) (fun t =>
    chance_of qs s * chance_of rs t * group_information p (select s fs) (select t ks))).
Proof.
  eapply Rle_trans; [apply group_information_behind_le; [exact on_first_one_each | exact on_second_one_each]|]. right.
  unfold group_gates at 1. rewrite group_information_product, Rplus_0_l.
  apply (expectation_group_gates (fun s t => group_information p (select s fs) (select t ks))).
Qed.
End Groups.

(** All gates of one mean q: the weight of s and t is q^(|s|+|t|) (1-q)^(n-|s|-|t|), n neurons in all. *)
Corollary c08_group_information_equal_means {W} (p : law W) (fs ks : list (W -> R)) q (Hq : 0 <= q <= 1) :
  let m := length fs in let n := length ks in
  no_atom_in p (fs ++ ks) ->
  group_information
    (product (group_gates (repeat q m) (repeat q n) (equal_means m q Hq) (equal_means n q Hq)) p)
    (dropped_first fs) (dropped_second ks) =
  sum (subsets m) (fun s => sum (subsets n) (fun t =>
    q ^ (size s + size t) * (1 - q) ^ (m + n - (size s + size t)) *
    group_information p (select s fs) (select t ks))).
Proof.
  intros m n atoms. rewrite c08_group_information by (apply repeat_length || exact atoms).
  apply sum_ext. intros s Hs. apply sum_ext. intros t Ht. rewrite !chance_of_equal by assumption.
  apply subsets_length in Hs. apply subsets_length in Ht. fold m n in Hs, Ht.
  assert (ls := size_le s). assert (lt := size_le t).
  replace (m + n - (size s + size t))%nat with ((m - size s) + (n - size t))%nat by lia.
  rewrite !pow_add. ring.
Qed.
