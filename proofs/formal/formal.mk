# Compiles formal/*.v; `make proofs` calls it. Objects lie in $(PROOFS_OUT), the source tree stays clean.
FORMAL     ?= proofs/formal
PROOFS_OUT ?= build/proofs
SOURCES := $(wildcard $(FORMAL)/*.v)
OBJECTS := $(SOURCES:$(FORMAL)/%.v=$(PROOFS_OUT)/%.vo)

.PHONY: objects
.DELETE_ON_ERROR:
objects: $(OBJECTS)

# When a source is gone its object must not be found by others: all are compiled again.
$(shell mkdir -p $(PROOFS_OUT))
$(if $(filter-out $(OBJECTS),$(wildcard $(PROOFS_OUT)/*.vo)),$(shell rm -f $(PROOFS_OUT)/*.vo))

# So is one whose source is another than the one it was made of, whatever the times of the two say.
$(shell for v in $(SOURCES); do o=$(PROOFS_OUT)/$$(basename $$v .v); \
	[ "$$(cksum <$$v)" = "$$(cat $$o.sum 2>/dev/null)" ] || rm -f $$o.vo; done)

$(PROOFS_OUT)/%.vo: $(FORMAL)/%.v
	@printf '  %-6s %s\n' COQ '$<'
	@rm -f $@
	@cksum <$< >$(@:.vo=.sum)
	@coqc -q -Q $(PROOFS_OUT) Iclab -o $@ $<

# coqdep says "formal/b.vo formal/b.glob ...: formal/b.v formal/a.vo": the object needs the objects it says.
$(shell coqdep -Q $(FORMAL) Iclab $(SOURCES) 2>/dev/null | \
	sed -n 's,^\([^ ]*\.vo\) .*: [^ ]*\.v ,\1: ,p' | sed 's,$(FORMAL)/,$(PROOFS_OUT)/,g' >$(PROOFS_OUT)/depend.mk)
include $(PROOFS_OUT)/depend.mk
