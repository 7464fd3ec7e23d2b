"""The demo company's systems as the warehouse meets them: a CRM API server, an ERP database, a drop folder.

What belongs here: putting the generated company behind the interfaces that real systems have, and moving it
forward in time. Not here: what the company looks like (`demo.company`) and how its budget workbooks look
(`demo.workbooks`). Only the `demo` command uses it; nothing that loads knows that the systems are not real.

    store.create_systems(folder, "S")        the company as it stands at the frozen now
    crm_server.start_crm_server(folder)      its CRM, on a free loopback port
    store.evolve(folder, days=1)             one day later
"""
