(** Means, variances and correlations of any square-integrable law, finite or not. *)
From Coq Require Import Reals List Lra.
Open Scope R_scope.

(** What is used of an expectation: a set of functions that have one, closed under linear combinations and
    holding the constants, on which it is linear, positive and 1 for the constant 1. Finite laws have it (all functions), and so
    has every probability measure (its integrable functions). *)
Record average (A : Type) := Average {
  integrable : (A -> R) -> Prop;
  mean : (A -> R) -> R;
  integrable_const : forall c, integrable (fun _ => c);
  integrable_lin : forall f k c, integrable f -> integrable k -> integrable (fun a => f a + c * k a);
  mean_const : forall c, mean (fun _ => c) = c;
  mean_lin : forall f k c, integrable f -> integrable k -> mean (fun a => f a + c * k a) = mean f + c * mean k;
  mean_ext : forall f k, (forall a, f a = k a) -> integrable f -> integrable k /\ mean f = mean k;
  mean_nonneg : forall f, (forall a, 0 <= f a) -> integrable f -> 0 <= mean f
}.
