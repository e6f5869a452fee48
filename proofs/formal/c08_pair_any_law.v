(** c08 for two neurons of any law: a pair in the sense of any_law.v is a population of two in the sense of
    c08_any_law.v, and its total correlation is its mutual information. *)
From Coq Require Import Reals List Lra Lia.
From Coq Require Cantor.
From Iclab Require Export c08_any_law.
Import ListNotations.
Open Scope R_scope.

Section Pair.
Context {Q : quantisers} (P : neurons Q).

(** One quantiser for both neurons. *)
Definition pair_quantised (f : R -> nat) : law (list nat) := push (fun ij => [fst ij; snd ij]) (quantised P f f).

Lemma pair_there f x : Q f -> 0 < mass (pair_quantised f) x -> length x = 2%nat.
Proof. intros _ Hx. now apply push_positive in Hx as [ij [_ <-]]. Qed.
Lemma pair_consistent (f f' : R -> nat) (phi : nat -> nat) : Q f -> (forall x, f' x = phi (f x)) ->
  same_law (pair_quantised f') (push (map phi) (pair_quantised f)).
Proof.
  intros Qf coarser x. unfold pair_quantised.
  rewrite (push_same_law _ _ _ (consistent P f f f' f' phi phi Qf Qf coarser coarser)), !push_push. reflexivity.
Qed.
Definition pair_population : population Q 2 := Population Q 2 pair_quantised pair_there pair_consistent.

Lemma told_pair f : told pair_population f (everyone 2) = mutual_information (quantised P f f).
Proof.
  unfold told. cbn [quantised_all pair_population]. unfold pair_quantised. rewrite total_correlation_push.
  exact (total_correlation_entries (quantised P f f)).
Qed.

(** Two quantisers tell at most what one tells that is finer than both: the total correlation of two neurons of any law
    is their mutual information. *)
Theorem c08_pair_any_law I : is_total_correlation pair_population (everyone 2) I <-> is_information P I.
Proof.
  assert (finer : forall i, quantised_information P i -> exists f, Q f /\ i <= told pair_population f (everyone 2)).
  { intros i (f & k & Qf & Qk & ->). assert (Qj := admissible_joined Q f k Qf Qk).
    exists (joined f k). split; [exact Qj|]. rewrite told_pair.
    apply coarser_information with (fun n => fst (Cantor.of_nat n)) (fun n => snd (Cantor.of_nat n)); auto;
      intros x; unfold joined; now rewrite Cantor.cancel_of_to. }
  assert (same : forall f, Q f -> quantised_information P (told pair_population f (everyone 2))).
  { intros f Qf. exists f, f. now rewrite told_pair. }
  split; intros [above least]; split.
  - intros i seen. apply finer in seen as (f & Qf & le). eapply Rle_trans; [exact le|]. apply above. now exists f.
  - intros bound bounds. apply least. intros t (f & Qf & ->). now apply bounds, same.
  - intros t (f & Qf & ->). now apply above, same.
  - intros bound bounds. apply least. intros i seen. apply finer in seen as (f & Qf & le).
    eapply Rle_trans; [exact le|]. apply bounds. now exists f.
Qed.

(** No atom at zero means the same. *)
Theorem c08_pair_no_atoms : no_atom_at_zero pair_population <-> no_atoms_at_zero P.
Proof.
  unfold no_atom_at_zero, no_atoms_at_zero. cbn [quantised_all pair_population]. unfold pair_quantised, first, second.
  split.
  - intros none. assert (zero := none 0%nat ltac:(lia)). assert (one := none 1%nat ltac:(lia)).
    rewrite push_push in zero, one. now split.
  - intros [no_x no_y] [|[|i]] Hi; [| |lia]; rewrite push_push; assumption.
Qed.

(** Gates on the pair are gates on the population. *)
Theorem c08_pair_behind q s Hq Hs means (one_each : length [q; s] = 2%nat) f :
  same_law (quantised_all (population_behind pair_population [q; s] means one_each) f)
           (push (fun ij => [fst ij; snd ij]) (quantised (neurons_behind (independent_gates q s Hq Hs) P) f f)).
Proof.
  intros x. cbn [quantised_all population_behind quantised neurons_behind].
  unfold gated_all, with_gates, gated_quantised, behind_marked. cbn [quantised_all pair_population].
  unfold pair_quantised. rewrite product_push, push_push, !mass_push, !expectation_product.
  unfold expectation at 1 3.
  cbn [support mass bernoulli_gates subsets length map app independent_gates product bernoulli list_prod sum chance_of
    fst snd shown_all combine]. ring.
Qed.
End Pair.
