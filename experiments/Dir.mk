LIB_SOURCES += $(wildcard experiments/*.c)
HEADERS += $(filter-out %_internal.h,$(wildcard experiments/*.h))
EMBEDDED += $(wildcard experiments/claims.tsv)
