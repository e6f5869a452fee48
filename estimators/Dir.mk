LIB_SOURCES += $(wildcard estimators/*.c)
