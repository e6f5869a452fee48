(** The quantisers of probability theory: functions with finitely many values, each taken on a Borel set. *)
From Coq Require Import Reals Lra Lia ZArith PeanoNat.
From Coq Require Cantor.
From Iclab Require Export any_law_claims.
Open Scope R_scope.

(** The Borel sets of the line: the smallest family that holds the half-lines and is closed under complement, countable
    union and countable intersection. *)
Inductive borel : (R -> Prop) -> Prop :=
  | borel_half_line a : borel (fun x => x <= a)
  | borel_not s : borel s -> borel (fun x => ~ s x)
  | borel_some (s : nat -> R -> Prop) : (forall n, borel (s n)) -> borel (fun x => exists n, s n x)
  | borel_all (s : nat -> R -> Prop) : (forall n, borel (s n)) -> borel (fun x => forall n, s n x)
  | borel_same (s t : R -> Prop) : (forall x, s x <-> t x) -> borel s -> borel t.

Lemma borel_and s t : borel s -> borel t -> borel (fun x => s x /\ t x).
Proof.
  intros borel_s borel_t. apply borel_same with (fun x => forall n, (match n with O => s | _ => t end) x).
  - intros x. split; [intros both; exact (conj (both 0%nat) (both 1%nat))|]. intros [in_s in_t] [|n]; assumption.
  - apply borel_all. now intros [|n].
Qed.
Lemma borel_full : borel (fun _ => True).
Proof.
  apply borel_same with (fun x => exists n, x <= INR n); [|apply borel_some; intros n; apply borel_half_line].
  intros x. split; [easy|]. intros _. exists (Z.to_nat (Z.max 0 (up x))).
  rewrite INR_IZR_INZ, Z2Nat.id by lia. destruct (archimed x) as [beyond _].
  assert (IZR (up x) <= IZR (Z.max 0 (up x))) by (apply IZR_le; lia). lra.
Qed.
Lemma borel_empty : borel (fun _ => False).
Proof.
  apply borel_same with (fun _ => ~ True); [tauto|]. apply borel_not, borel_full.
Qed.
Lemma borel_decided (P : Prop) : {P} + {~ P} -> borel (fun _ => P).
Proof.
  intros [yes|no].
  - apply borel_same with (fun _ => True); [tauto|apply borel_full].
  - apply borel_same with (fun _ => False); [tauto|apply borel_empty].
Qed.
Lemma borel_from a : borel (fun x => a <= x).
Proof.
  apply borel_same with (fun x => forall n, ~ x <= a - / INR (S n)).
  - intros x. split.
    + intros beyond. destruct (Rle_lt_dec a x) as [|before]; [assumption|].
      destruct (archimed_cor1 (a - x)) as ([|n] & near & positive); [lra|lia|]. destruct (beyond n). lra.
    + intros at_least n below. assert (0 < / INR (S n)) by (apply Rinv_0_lt_compat, lt_0_INR; lia). lra.
  - apply borel_all. intros n. apply borel_not, borel_half_line.
Qed.
Lemma borel_point a : borel (fun x => x = a).
Proof.
  apply borel_same with (fun x => x <= a /\ a <= x); [intros x; lra|].
  apply borel_and; [apply borel_half_line|apply borel_from].
Qed.
(** Scaling and shifting take Borel sets to Borel sets. *)
Lemma borel_affine scale shift s : borel s -> borel (fun x => s (affine scale shift x)).
Proof.
  intros borel_s. induction borel_s as [a|s _ IH|s _ IH|s _ IH|s t same _ IH].
  - unfold affine. destruct (Rtotal_order scale 0) as [negative|[->|positive]].
    + apply borel_same with (fun x => (a - shift) / scale <= x); [|apply borel_from].
      intros x. replace a with (scale * ((a - shift) / scale) + shift) at 2 by (field; lra). split; nra.
    + apply borel_same with (fun _ => shift <= a); [intros x; lra|]. apply borel_decided.
      destruct (Rle_dec shift a); tauto.
    + apply borel_same with (fun x => x <= (a - shift) / scale); [|apply borel_half_line].
      intros x. replace a with (scale * ((a - shift) / scale) + shift) at 2 by (field; lra). split; nra.
  - now apply borel_not.
  - now apply borel_some.
  - now apply borel_all.
  - apply borel_same with (fun x => s (affine scale shift x)); [intros x; apply same|assumption].
Qed.

(** ** Quantisers *)
Definition finitely_valued (f : R -> nat) : Prop := exists n, forall x, (f x < n)%nat.
Definition borel_quantiser (f : R -> nat) : Prop := finitely_valued f /\ forall i, borel (fun x => f x = i).

Lemma borel_quantiser_ext f k : (forall x, f x = k x) -> borel_quantiser f -> borel_quantiser k.
Proof.
  intros same [[n below] level]. split.
  - exists n. intros x. now rewrite <- same.
  - intros i. apply borel_same with (fun x => f x = i); [intros x; now rewrite same|apply level].
Qed.
Lemma borel_quantiser_point a : borel_quantiser (at_point a).
Proof.
  unfold at_point. split.
  - exists 2%nat. intros x. destruct (equal x a); lia.
  - intros [|[|i]].
    + apply borel_same with (fun x => ~ x = a); [|apply borel_not, borel_point].
      intros x. destruct (equal x a); intuition lia.
    + apply borel_same with (fun x => x = a); [|apply borel_point]. intros x. destruct (equal x a); intuition lia.
    + apply borel_same with (fun _ => False); [|apply borel_empty]. intros x. destruct (equal x a); intuition lia.
Qed.
Lemma borel_quantiser_joined f k : borel_quantiser f -> borel_quantiser k -> borel_quantiser (joined f k).
Proof.
  intros [[n below_n] level_f] [[m below_m] level_k]. unfold joined. split.
  - exists (S (m + (n + m) * S (n + m))). intros x. specialize (below_n x). specialize (below_m x).
    pose proof (Cantor.to_nat_spec (f x) (k x)) as code.
    assert ((k x + f x) * S (k x + f x) <= (n + m) * S (n + m))%nat by (apply Nat.mul_le_mono; lia). lia.
  - intros i. apply borel_same with (fun x => f x = fst (Cantor.of_nat i) /\ k x = snd (Cantor.of_nat i)).
    + intros x. split.
      * intros [-> ->]. rewrite <- surjective_pairing. apply Cantor.cancel_to_of.
      * intros <-. now rewrite Cantor.cancel_of_to.
    + now apply borel_and.
Qed.
Lemma finitely_valued_map (phi : nat -> nat) n : exists m, forall i, (i < n -> phi i < m)%nat.
Proof.
  induction n as [|n [m below]]; [exists 0%nat; lia|]. exists (S (m + phi n)). intros i inside.
  destruct (Nat.eq_dec i n) as [->|]; [lia|]. specialize (below i). lia.
Qed.
Lemma borel_quantiser_coarser (phi : nat -> nat) f : borel_quantiser f -> borel_quantiser (fun x => phi (f x)).
Proof.
  intros [[n below] level]. split.
  - destruct (finitely_valued_map phi n) as [m under]. exists m. auto.
  - intros i. apply borel_same with (fun x => exists j, f x = j /\ phi j = i).
    + intros x. split; [now intros (j & -> & there)|]. intros there. now exists (f x).
    + apply borel_some. intros j. apply borel_and; [apply level|]. apply borel_decided, Nat.eq_dec.
Qed.

(** Finitely many values on Borel sets: the claims of any_law_claims.v hold with these. *)
Definition borel_quantisers : quantisers :=
  Quantisers borel_quantiser borel_quantiser_point borel_quantiser_joined.

Lemma affine_respects_borel scale shift : respects borel_quantisers (affine scale shift).
Proof.
  intros f [[n below] level]. split; [now exists n|].
  intros i. exact (borel_affine scale shift (fun x => f x = i) (level i)).
Qed.

(** Batch normalisation with fixed statistics on neurons of any law: the mutual information stays as it is.
    [scale <> 0]: a weight of zero makes the neuron constant and its information 0. *)
Theorem c04_mi_batch_norm_borel (P : neurons borel_quantisers) scale shift scale' shift' I :
  scale <> 0 -> scale' <> 0 ->
  is_information (mapped P (affine scale shift) (affine scale' shift')
    (affine_respects_borel _ _) (affine_respects_borel _ _)) I <-> is_information P I.
Proof.
  intros nonzero nonzero'. now apply (c04_mi_batch_norm_any_law P affine_respects_borel).
Qed.

(** The IC layer for neurons of any law (P is what ReLU gives): batch normalisation that leaves no atom at 0, then
    dropout. Exactly q s times the information is left, atoms of P at 0 or not.
    [scale <> 0]: as above. [no_atoms_at_zero]: normalisation has to move ReLU's atom away from 0
    (c04_counterexample_lands_at_zero). *)
Theorem c04_bn_dropout_borel (P : neurons borel_quantisers) scale shift scale' shift' q s Hq Hs I :
  let normal := mapped P (affine scale shift) (affine scale' shift')
    (affine_respects_borel _ _) (affine_respects_borel _ _) in
  scale <> 0 -> scale' <> 0 -> no_atoms_at_zero normal -> is_information P I ->
  is_information (neurons_behind (independent_gates q s Hq Hs) normal) (q * s * I).
Proof.
  intros normal nonzero nonzero' moved information. apply c01_mi_quadratic_any_law; [exact moved|].
  now apply c04_mi_batch_norm_borel.
Qed.
