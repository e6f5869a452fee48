(** Dropout: neurons behind gates that know nothing of them. *)
From Coq Require Import Reals List Lra.
From Iclab Require Export information.
Import ListNotations.
Open Scope R_scope.

(** A neuron behind its gate. *)
Definition gated (open : bool) (x : R) : R := (if open then 1 else 0) * x.

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

(** The chain rule for gates: for any joint law of the gates and any law of the pair. *)
Lemma seen_gates (gates : law (bool * bool)) (p : law (R * R)) :
  mutual_information (behind_seen_gates gates p) =
  mutual_information gates + mass gates (true, true) * mutual_information p.
Admitted.

Lemma independent_gates_information q s Hq Hs : mutual_information (independent_gates q s Hq Hs) = 0.
Admitted.
Lemma shared_gate_information q Hq : mutual_information (shared_gate q Hq) = binary_entropy q.
Admitted.

(** Closed gates hidden among zeros can only cost information; without atoms nothing is hidden. *)
Lemma behind_gates_le (gates : law (bool * bool)) (p : law (R * R)) :
  mutual_information (behind_gates gates p) <= mutual_information gates + mass gates (true, true) * mutual_information p.
Admitted.
Lemma behind_gates_information (gates : law (bool * bool)) (p : law (R * R)) :
  no_atoms p ->
  mutual_information (behind_gates gates p) = mutual_information gates + mass gates (true, true) * mutual_information p.
Admitted.
