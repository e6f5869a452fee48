LIB_SOURCES += $(wildcard estimators/*.c estimators/cpu/*.c)
HEADERS += $(filter-out %_internal.h,$(wildcard estimators/*.h))
