LIB_SOURCES += $(wildcard estimators/*.c)
HEADERS += $(filter-out %_internal.h,$(wildcard estimators/*.h))
