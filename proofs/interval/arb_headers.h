/* Arb, which is a library of its own up to FLINT 2 and a part of FLINT from 3 on. */
#ifndef ICLAB_PROOFS_INTERVAL_ARB_HEADERS_H
#define ICLAB_PROOFS_INTERVAL_ARB_HEADERS_H

#if __has_include(<flint/arb.h>)
#include <flint/acb.h>
#include <flint/acb_calc.h>
#include <flint/acb_hypgeom.h>
#include <flint/arb.h>
#include <flint/arb_fmpz_poly.h>
#include <flint/arb_hypgeom.h>
#include <flint/arb_poly.h>
#else
#include <acb.h>
#include <acb_calc.h>
#include <acb_hypgeom.h>
#include <arb.h>
#include <arb_fmpz_poly.h>
#include <arb_hypgeom.h>
#include <arb_poly.h>
#endif
#include <flint/fmpq.h>
#include <flint/fmpq_mat.h>

#endif
