(** What data processing implies: signs, independence, invariance under injective maps. *)
From Coq Require Import Reals List Lra.
From Iclab Require Export data_processing.
Import ListNotations.
Open Scope R_scope.

Section Consequences.
Context {A B C D : Type} `{eq_dec A} `{eq_dec B} `{eq_dec C} `{eq_dec D}.

Lemma constant_mass {T} (p : law T) : mass (push (fun _ => tt) p) tt = 1.
Proof.
  transitivity (sum (support p) (mass p)); [unfold push; cbn [mass]; unfold push_mass|apply mass_total].
  apply sum_ext. intros a _. destruct (equal tt tt); congruence.
Qed.

Lemma constant_mass2 (p : law (A * B)) : mass (push (pair_map (fun _ : A => tt) (fun _ : B => tt)) p) (tt, tt) = 1.
Proof.
  transitivity (sum (support p) (mass p)); [unfold push; cbn [mass]; unfold push_mass|apply mass_total].
  apply sum_ext. intros c _. unfold pair_map. destruct (equal (tt, tt) (tt, tt)); congruence.
Qed.

Lemma constant_information (p : law (A * B)) : mutual_information (push (pair_map (fun _ => tt) (fun _ => tt)) p) = 0.
Proof.
  rewrite image_information, <- (expectation_const p 0). apply expectation_ext. intros ab _.
  rewrite !constant_mass.
  replace (mass (push (pair_map (fun _ : A => tt) (fun _ : B => tt)) p) (tt, tt)) with 1.
  - unfold Rdiv. rewrite Rmult_1_r, Rinv_1, Rmult_1_r. apply ln_1.
  - symmetry. apply constant_mass2.
Qed.

Lemma mutual_information_nonneg (p : law (A * B)) : 0 <= mutual_information p.
Proof. rewrite <- (constant_information p). apply data_processing. Qed.

(** 0 exactly for independent coordinates. *)
Lemma mutual_information_zero (p : law (A * B)) :
  mutual_information p = 0 <-> forall a b, mass p (a, b) = mass (first p) a * mass (second p) b.
Proof.
  transitivity (mutual_information (push (pair_map (fun _ => tt) (fun _ => tt)) p) = mutual_information p);
    [rewrite constant_information; split; congruence|rewrite data_processing_equality].
  split; intros E a b; specialize (E a b); rewrite !constant_mass, constant_mass2 in *; lra.
Qed.
End Consequences.

Section EntropyOfImages.
Context {A B : Type} `{eq_dec A} `{eq_dec B}.
Lemma entropy_loss (f : A -> B) (p : law A) :
  entropy p - entropy (push f p) = expectation p (fun a => ln (mass (push f p) (f a)) - ln (mass p a)).
Proof.
  rewrite entropy_push, entropy_expectation.
  transitivity (expectation p (fun a => ln (mass (push f p) (f a)) + - ln (mass p a))).
  - rewrite expectation_plus, expectation_opp. ring.
  - apply expectation_ext. intros; ring.
Qed.
(** A map that is injective where there is mass keeps the entropy; any other loses. *)
Lemma entropy_push_le (f : A -> B) (p : law A) : entropy (push f p) <= entropy p.
Proof.
  pose proof (entropy_loss f p) as E.
  enough (0 <= expectation p (fun a => ln (mass (push f p) (f a)) - ln (mass p a))) by lra.
  apply expectation_nonneg. intros a Ha. pose proof (push_ge f p a) as [Hl|He].
  - pose proof (ln_increasing _ _ Ha Hl). lra.
  - rewrite He. lra.
Qed.
Lemma entropy_injective (f : A -> B) (p : law A) :
  (forall a b, 0 < mass p a -> 0 < mass p b -> f a = f b -> a = b) -> entropy (push f p) = entropy p.
Proof.
  intros Hf. rewrite entropy_push, entropy_expectation. f_equal. apply expectation_ext. intros a Ha.
  rewrite push_injective; [reflexivity|]. intros b Hb E. symmetry. now apply Hf.
Qed.
Lemma entropy_push_eq (f : A -> B) (p : law A) :
  entropy (push f p) = entropy p <-> (forall a b, 0 < mass p a -> 0 < mass p b -> f a = f b -> a = b).
Proof.
  split; [|apply entropy_injective]. intros E a b Ha Hb Ef. destruct (equal a b) as [|Hab]; [assumption|exfalso].
  pose proof (entropy_loss f p) as EL. rewrite E in EL.
  assert (mass p a * (ln (mass (push f p) (f a)) - ln (mass p a)) = 0) as Hz.
  { apply (sum_zero_inv (support p) (fun a => mass p a * (ln (mass (push f p) (f a)) - ln (mass p a)))).
    - intros c _. destruct (mass_zero_or_positive p c) as [->|Hc]; [lra|].
      apply Rmult_le_pos; [lra|]. pose proof (push_ge f p c) as [Hl|He].
      + pose proof (ln_increasing _ _ Hc Hl). lra.
      + rewrite He. lra.
    - unfold expectation in EL. lra.
    - now apply mass_in_support. }
  apply Rmult_integral in Hz. destruct Hz as [Hz|Hz]; [lra|].
  assert (mass (push f p) (f a) = mass p a) as Em by (apply ln_inv; pose proof (push_ge f p a); lra).
  (* but b lies in the same fibre *)
  enough (mass p a + mass p b <= mass (push f p) (f a)) by lra.
  unfold push. cbn [mass]. unfold push_mass.
  rewrite <- (sum_pick (support p) a (mass p)) at 1 by (apply support_once || apply mass_off_support).
  rewrite <- (sum_pick (support p) b (mass p)) by (apply support_once || apply mass_off_support).
  rewrite <- sum_plus. apply sum_le. intros c _. pose proof (mass_nonneg p c).
  destruct (equal c a); destruct (equal c b); destruct (equal (f c) (f a)); try lra; exfalso; congruence.
Qed.
End EntropyOfImages.

Section InformationOfImages.
Context {A B C D : Type} `{eq_dec A} `{eq_dec B} `{eq_dec C} `{eq_dec D}.
(** The same for mutual information, with maps of each coordinate. *)
Lemma mutual_information_injective (f : A -> C) (k : B -> D) (p : law (A * B)) :
  (forall a b, 0 < mass (first p) a -> 0 < mass (first p) b -> f a = f b -> a = b) ->
  (forall a b, 0 < mass (second p) a -> 0 < mass (second p) b -> k a = k b -> a = b) ->
  mutual_information (push (pair_map f k) p) = mutual_information p.
Proof.
  intros Hf Hk. rewrite !mutual_information_entropies.
  rewrite (entropy_same_law _ _ (first_image f k p)), (entropy_same_law _ _ (second_image f k p)).
  rewrite (entropy_injective f (first p)) by assumption. rewrite (entropy_injective k (second p)) by assumption.
  rewrite entropy_injective; [reflexivity|].
  intros [a b] [a' b'] Hp Hp' E. injection E as Ea Eb. cbn [fst snd] in *.
  pose proof (first_ge p (a, b)). pose proof (first_ge p (a', b')).
  pose proof (second_ge p (a, b)). pose proof (second_ge p (a', b')).
  cbn [fst snd] in *. f_equal; [apply Hf|apply Hk]; (assumption || lra).
Qed.
End InformationOfImages.
