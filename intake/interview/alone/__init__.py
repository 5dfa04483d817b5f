"""Self-completion: people fill in one form by themselves, at a kiosk or by one-time links on the local network.

`serving` is the command, `front` what a browser reaches (the door to tornado), `desk` begins and ends questionnaires in
the one store, `links` knows which links there are, `certificate` and `sheet` make what is handed out.
"""
