# The figure scripts; all but style.gp draw. They are installed with the program.
PLOTS := $(wildcard plots/*.gp)
RESULTS ?= results

.PHONY: figures
figures: ## draw the figures of a results folder again: make figures RESULTS=results
	@[ -d "$(RESULTS)" ] || { echo "no results folder '$(RESULTS)': run make verify, or say RESULTS=FOLDER" >&2; exit 1; }
	@for file in $(filter-out plots/style.gp,$(PLOTS)); do gnuplot -c $$file "$(RESULTS)" || true; done
