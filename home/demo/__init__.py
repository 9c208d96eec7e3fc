"""The demo community: one invented valley. The texts lie beside this file as TOML; the modules only put them in."""
